/** Words of plots that are the same in each of them. */
export const plotText = {
  asTable: 'Show as table',
  asPlot: 'Show as plot',
  save: 'Save plot',
  png: 'PNG, twice the size',
  svg: 'SVG, text as text',
  csv: 'CSV, every figure',
  needs: 'Nothing to draw yet',
  failed: 'This could not be counted.',
  tableOf: (title: string) => `${title}, as a table`,
  keys: 'Arrow keys walk the points, Shift extends, Enter shows the pictures, T shows a table, S saves.',
  selected: (count: number) => `${count} selected`,
  saved: (name: string) => `${name} saved`,
}

import { expect, test } from 'vitest'
import { parse } from 'csv-parse/sync'
import { ImportReport } from '../../../src/engine/import/import-report'
import type { ImportProblem } from '../../../src/shared/dataset/records'

const problem = (code: string, file: string, more: Partial<ImportProblem> = {}): ImportProblem => ({
  decision: code.startsWith('W') ? 'accept-with-warning' : 'skip-record',
  code,
  file,
  message: `something about ${file}`,
  ...more,
})

test('counts all, keeps the first few, and puts what was left out first', () => {
  const spilled: string[] = []
  const report = new ImportReport({ examples: 3, spill: (line) => spilled.push(line) })
  for (let i = 0; i < 10_000; i++) report.add(problem('W_BBOX_EMPTY', `${i}.jpg`))
  report.add(problem('E_LABEL_COLUMNS', 'a.txt', { line: 7 }))
  report.add(problem('E_IMAGE_CORRUPT', 'b.jpg', { decision: 'skip-file' }))
  expect(
    report.groups().map(({ code, count, examples }) => [code, count, examples.length]),
  ).toEqual([
    ['E_IMAGE_CORRUPT', 1, 1],
    ['E_LABEL_COLUMNS', 1, 1],
    ['W_BBOX_EMPTY', 10_000, 3],
  ])
  expect(spilled).toHaveLength(10_002)
  expect(JSON.parse(spilled[10_000] ?? '')).toEqual(
    problem('E_LABEL_COLUMNS', 'a.txt', { line: 7 }),
  )
  expect(JSON.parse(report.toJson())).toMatchObject({
    counts: null,
    problems: [{ count: 1, meaning: 'The data are damaged.' }, {}, {}],
  })
})

test('the table can be read back, and holds no formulas and no line breaks', () => {
  const report = new ImportReport()
  report.add(
    problem('W_CSV_FORMULA', '=cmd().jpg', { record: 3, message: 'says "a, b"\nand more' }),
  )
  const rows = parse(report.toCsv(), { columns: true })
  expect(rows).toEqual([
    {
      decision: 'accept-with-warning',
      code: 'W_CSV_FORMULA',
      file: "'=cmd().jpg",
      line: '',
      record: '3',
      offset: '',
      message: 'says "a, b"\\u000aand more',
    },
  ])
})

test('memory stays bounded whatever codes come', () => {
  const report = new ImportReport()
  for (let i = 0; i < 5_000; i++) report.add(problem(`E_${i}`, 'x'))
  expect(report.groups().length).toBeLessThanOrEqual(1_001)
  expect(report.groups().reduce((sum, { count }) => sum + count, 0)).toBe(5_000)
})

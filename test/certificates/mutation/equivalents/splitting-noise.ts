import type { Equivalents } from './equivalent'

/** Of splitting noise. */
export const splittingEquivalents: Equivalents = {
  'splitting-noise/cases': [
    {
      line: 'Array.from({ length: 256 - distance }, (_, value) =>',
      ...{ from: '-', to: '+' },
      why: 'numbers beyond the bytes have cells as well: at one distance every pair differs in as many shifts',
    },
    {
      line: 'Array.from({ length: 256 - distance }, (_, value) =>',
      ...{ from: '256', to: '257' },
      why: 'numbers beyond the bytes have cells as well: at one distance every pair differs in as many shifts',
    },
    {
      line: 'changedBetween(value, value + distance, levels, offset),',
      ...{ from: '+', to: '-' },
      why: 'pairs at the same distance, of which every one differs in as many shifts',
    },
    ...[
      ['max_changed_shifts_per_grey_level: Math.max(...one),', 'max', 'min'] as const,
      ['min_changed_shifts_per_grey_level: Math.min(...one),', 'min', 'max'] as const,
      [
        'changed_shifts_for_40_grey_levels: [Math.min(...forty), Math.max(...forty)],',
        'min',
        'max',
      ] as const,
      [
        'changed_shifts_for_40_grey_levels: [Math.min(...forty), Math.max(...forty)],',
        'max',
        'min',
      ] as const,
    ].map(([line, from, to]) => ({
      ...{ line, from, to },
      why: 'the most and the least are the same: min(distance, levels), which is what the case shows',
    })),
  ],
  'splitting-noise/certifier': [
    {
      line: 'for (let sample = from; sample < to; sample++) {',
      ...{ from: '<', to: '<=' },
      why: 'a typed array ignores what is written beyond its end',
    },
  ],
  'splitting-noise/samples': [
    {
      line: 'for (let shift = from; shift < to; shift++) {',
      ...{ from: '<', to: '<=' },
      why: 'a typed array ignores what is written beyond its end',
    },
    {
      line: 'for (let i = 0; i < each; i++) {',
      ...{ from: '<', to: '<=' },
      why: 'the value belongs to the next shift, which is written after it, or lies beyond the end',
    },
    {
      line: 'const rows = Math.min(levels, 256)',
      ...{ from: 'min', to: 'max' },
      why: 'rows of the table that are never read, or lie beyond its end',
    },
    {
      line: 'const rows = Math.min(levels, 256)',
      ...{ from: '256', to: '257' },
      why: 'a row beyond the end of the table, which a typed array ignores',
    },
    {
      line: 'const table = new Float64Array(256 * 256)',
      ...{ from: '256', to: '257' },
      why: 'room that is not used',
    },
    {
      line: 'for (let offset = 0; offset < rows; offset++) {',
      ...{ from: '<', to: '<=' },
      why: 'a row of the table that is never read, or lies beyond its end',
    },
    {
      line: 'for (let byte = 0; byte < 256; byte++) {',
      ...{ from: '<', to: '<=' },
      why: 'the value belongs to the next row, which is written after it, or is never read',
    },
    {
      line: 'for (let byte = 0; byte < 256; byte++) {',
      ...{ from: '256', to: '257' },
      why: 'the value belongs to the next row, which is written after it, or is never read',
    },
  ],
}

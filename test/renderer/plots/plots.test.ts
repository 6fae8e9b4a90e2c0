import { expect, test } from 'vitest'
import { certifiedShare, certifiedTable } from '../../../src/renderer/plots/certified-share'
import { classBars, classTable } from '../../../src/renderer/plots/class-bars'
import {
  confusionMatrix,
  confusionTable,
  largestClasses,
} from '../../../src/renderer/plots/confusion'
import { coverageBySize } from '../../../src/renderer/plots/coverage'
import { figure } from '../../../src/renderer/plots/figure'
import { binned, histogram } from '../../../src/renderer/plots/histogram'
import { precisionRecall } from '../../../src/renderer/plots/precision-recall'
import type { Mark, Scene } from '../../../src/renderer/plots/scene'
import { stageTable, stageTimes } from '../../../src/renderer/plots/stage-times'
import { svgText } from '../../../src/renderer/plots/svg-text'

const size = { width: 340, height: 220 }
const classWords = { a: 'A', b: 'B', clean: 'Clean', measure: 'AP50', className: 'Class' }
const classRows = [
  { name: 'person', a: 30, b: 70, clean: 72 },
  { name: 'dog', a: null, b: 50, clean: null },
]
const curves = [
  { role: 'a', name: 'A', points: [{ recall: 0, precision: 1, score: 0.9 }] },
  { role: 'b', name: 'B', points: [{ recall: 0.5, precision: 0.75, score: null }] },
] as const
const confusion = {
  classes: ['person', 'dog'],
  counts: [
    [10, 0, 2],
    [1, 5, 0],
    [7, 0, 0],
  ],
}
const matrixWords = { none: 'none', a: 'A', b: 'B', boxes: 'boxes' }
const runs = [
  { name: 'A', stages: [{ name: 'detect', ms: 26 }], spread: null },
  {
    name: 'B',
    stages: [
      { name: 'segment', ms: 20 },
      { name: 'detect', ms: 26 },
    ],
    spread: { lowMs: 40, medianMs: 46, highMs: 60 },
  },
]
const stageWords = { run: 'Run', stage: 'Stage', time: 'Time', total: 'all' }
const stairs = {
  series: [
    {
      ...{ id: 'all', name: '' },
      steps: [
        { size: 0, share: 0.8, count: 8 },
        { size: 10, share: 0.5, count: 5 },
      ],
    },
  ],
  ...{ unit: 'px', right: 0.9 },
}
const stairWords = {
  size: 'Size',
  share: 'certified at',
  boxes: 'boxes',
  right: 'right',
  series: 'where',
}
const patches = [
  { id: '1', image: 'a.jpg', areaFraction: 0.01, coveredFraction: 0.2 },
  { id: '2', image: 'b.jpg', areaFraction: 0.08, coveredFraction: 1 },
]
const binWords = { counted: 'images', value: 'area', unit: '%' }

const scenes: readonly (readonly [string, Scene])[] = [
  ['classes', classBars(classRows, classWords, size)],
  [
    'curves',
    precisionRecall(curves, { recall: 'r', precision: 'p', score: 's', series: '' }, size),
  ],
  ['coverage', coverageBySize(patches, { image: 'i', area: 'a', covered: 'c' }, size)],
  ['histogram', histogram(binned([1, 2, 2, 9]), binWords, size)],
  ['stages', stageTimes(runs, stageWords, size)],
  ['matrix', confusionMatrix(confusion, matrixWords, size)],
  ['certified', certifiedShare(stairs, stairWords, size)],
]

function extent(mark: Mark): readonly (readonly [number, number])[] {
  switch (mark.kind) {
    case 'line':
      return [
        [mark.x1, mark.y1],
        [mark.x2, mark.y2],
      ]
    case 'path':
      return mark.points
    case 'rect':
      return [
        [mark.x, mark.y],
        [mark.x + mark.width, mark.y + mark.height],
      ]
    case 'circle':
    case 'text':
      return [[mark.x, mark.y]]
  }
}

test.each(scenes)('%s: drawn inside its own area, every point with a sentence', (_, scene) => {
  expect(scene.points.length).toBeGreaterThan(0)
  for (const [x, y] of scene.marks.flatMap(extent)) {
    expect(Number.isFinite(x) && Number.isFinite(y)).toBe(true)
    expect(x).toBeGreaterThanOrEqual(-1)
    expect(x).toBeLessThanOrEqual(size.width + 1)
    expect(y).toBeGreaterThanOrEqual(-1)
    expect(y).toBeLessThanOrEqual(size.height + 1)
  }
  for (const { label } of scene.points) expect(label).toMatch(/\d/)
  expect(new Set(scene.points.map(({ id }) => id)).size).toBe(scene.points.length)
})

test.each(scenes)('%s: no text is smaller than the ticks', (_, scene) => {
  for (const mark of scene.marks)
    if (mark.kind === 'text') expect(mark.size).toBeGreaterThanOrEqual(10.5)
})

test('run A is a hollow diamond, run B a filled circle, clean a tick', () => {
  const scene = classBars(classRows, classWords, size)
  const signs = scene.marks.filter(({ kind }) => kind === 'path' || kind === 'circle')
  expect(signs.map((mark) => [mark.kind, mark.fill])).toEqual([
    ['path', '--bg-panel'],
    ['circle', '--ink-defended'],
    ['circle', '--ink-defended'],
  ])
  expect(scene.points.map(({ label }) => label)).toContain('person, A: AP50 30.0')
  expect(classTable(classRows, classWords).rows).toEqual([
    ['person', 30, 70, 72],
    ['dog', null, 50, null],
  ])
})

test('bars start at 0 and their lengths are in proportion', () => {
  const { points } = stageTimes(runs, stageWords, size)
  const [bare, segment, detect] = points.map(({ area }) => area)
  if (!bare || !segment || !detect) throw new Error('a stage has no bar')
  expect(segment.x).toBe(bare.x)
  expect((segment.width + 1) / (bare.width + 1)).toBeCloseTo(20 / 26, 5)
  expect(detect.x).toBeCloseTo(segment.x + segment.width + 1, 5)
  expect(stageTable(runs, stageWords).rows.at(-1)).toEqual(['B', 'all', 46])
})

test('what only the defended run has is coloured, what both have is grey', () => {
  const { legend } = stageTimes(runs, stageWords, size)
  expect(legend.map(({ text, sample }) => [text, sample.ink])).toEqual([
    ['detect', '--text-3'],
    ['segment', '--ramp-3'],
  ])
})

test('a matrix with many classes keeps the largest and every box', () => {
  const classes = Array.from({ length: 80 }, (_, index) => `class ${index}`)
  const counts = Array.from({ length: 81 }, (_, row) =>
    Array.from({ length: 81 }, (__, column) => (row === column && row < 80 ? row : 0)),
  )
  const small = largestClasses({ classes, counts }, 6, 'others')
  expect(small.classes).toEqual([
    'class 75',
    'class 76',
    'class 77',
    'class 78',
    'class 79',
    'others',
  ])
  expect(small.counts.flat().reduce((a, b) => a + b)).toBe(counts.flat().reduce((a, b) => a + b))
  expect(largestClasses(confusion, 6, 'others')).toBe(confusion)
})

test('nothing in A and nothing in B has no cell', () => {
  const { points } = confusionMatrix(confusion, matrixWords, size)
  expect(points).toHaveLength(8)
  expect(points.map(({ label }) => label)).toContain('A none, B person: 7 boxes')
  expect(confusionTable(confusion, matrixWords).rows[2]).toEqual(['none', 7, 0, 0])
})

test('the certified share is a staircase in percent', () => {
  expect(certifiedTable(stairs, stairWords).rows).toEqual([
    [0, 80, 8],
    [10, 50, 5],
  ])
  const { points } = certifiedShare(stairs, stairWords, size)
  expect(points[1]?.label).toBe('50\u2009% certified at 10\u2009px: 5 boxes')
  // What is proven up to 10 px says nothing of 11: no stair goes beyond the size that its certificates reach.
  const [last] = points.toSorted((p, q) => q.x - p.x)
  for (const mark of certifiedShare(stairs, stairWords, size).marks) {
    if (mark.kind !== 'path') continue
    for (const [x] of mark.points) expect(x).toBeLessThanOrEqual(last?.x ?? 0)
  }
})

test('several certified shares have a line each, with its name in the legend and the table', () => {
  const [all] = stairs.series
  const two = {
    ...stairs,
    series: ['far', 'over'].map((id) => ({ id, name: id, steps: all?.steps ?? [] })),
  }
  const scene = certifiedShare(two, stairWords, size)
  expect(scene.legend.map(({ text: name }) => name)).toEqual(['far', 'over'])
  expect(scene.points.map(({ id }) => id)).toEqual(['far/0', 'far/1', 'over/0', 'over/1'])
  expect(certifiedTable(two, stairWords).rows[2]).toEqual(['over', 0, 80, 8])
})

test('a saved SVG has its texts as texts, and markup in names stays text', () => {
  const name = '<script>&"\u0007'
  const rows = [{ name, a: 1, b: 2, clean: null }]
  const scene = classBars(rows, classWords, { width: 900, height: 200 })
  const drawing = figure(scene, { title: 'By <class>', subtitle: 'AP50', note: 'note' })
  const svg = svgText(
    drawing,
    (token) => (token === '--ink-defended' ? '#0B62B8' : '#123'),
    'By <class>',
  )
  expect(svg).toContain('<title>By &lt;class&gt;</title>')
  expect(svg).toContain('&lt;script&gt;&amp;&quot;\uFFFD</text>')
  expect(svg).not.toContain('<script')
  expect(svg).not.toContain('var(')
  expect(svg).toContain('#0B62B8')
  expect(svg.match(/<text/g)?.length).toBe(
    drawing.marks.filter(({ kind }) => kind === 'text').length,
  )
  expect(drawing.height).toBeGreaterThan(scene.height)
})

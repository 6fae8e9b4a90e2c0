import { expect, test } from 'vitest'
import {
  behindBins,
  behindCells,
  behindClasses,
  behindCoverage,
  behindCurves,
  behindStages,
} from '../../../src/renderer/screens/results/behind'
import { type Figure, figureText, signed } from '../../../src/renderer/screens/results/figures'
import { fileStem } from '../../../src/renderer/screens/results/file-stem'
import {
  classValues,
  curvesOf,
  isProven,
  stagesOf,
} from '../../../src/renderer/screens/results/plot-inputs'
import { behindCertified } from '../../../src/renderer/screens/results/certified-specs'
import { reportHtml } from '../../../src/renderer/screens/results/report'
import { histogram, histogramTable, binned } from '../../../src/renderer/plots/histogram'

const names = { a: 'bare', b: 'defended', clean: 'clean' }
const figure = (id: Figure['id'], value: number | null, rest: Partial<Figure> = {}): Figure => ({
  ...{
    id,
    value,
    unit: 'fraction',
    samples: 342,
    samplesAre: 'objects',
    needs: null,
    beside: null,
  },
  ...rest,
})

test('figures are read beside each other', () => {
  const all = [
    figure('ap50-clean', 0.718),
    figure('ap50-attacked', 0.382),
    figure('ap50-defended', 0.695),
    figure('time', 60.2, { unit: 'ms', beside: 34, samples: 136, samplesAre: 'images' }),
    figure('patch-covered', 0.9461, { unit: 'fraction', samples: 4, samplesAre: 'patches' }),
  ]
  const texts = all.map((one) => figureText(one, all))
  expect(texts.map(({ value, unit, detail }) => [value, unit, detail])).toEqual([
    ['71.8', '', '342 objects'],
    ['38.2', '', '−33.6 points'],
    ['69.5', '', '96.8\u2009% of clean kept'],
    ['60', 'ms', '1.77\u2009× the time of A'],
    ['94.6', '%', '4 patches, few'],
  ])
})

test('a figure without its inputs says what is missing, and is not 0', () => {
  const missing = figure('lost-on-clean', null, { needs: 'clean-run', samples: 0 })
  const text = figureText(missing, [missing])
  expect(text.value).toBeNull()
  expect(text.unit).toBe('Needs a clean run')
  expect(figureText(figure('ap50-defended', 0.5), []).detail).toBe('342 objects')
})

test('differences carry their sign', () => {
  expect([signed(1.25), signed(-2), signed(-0.01)]).toEqual(['+1.3', '−2.0', '±0.0'])
})

test('classes with the most objects come first; those without AP are left out', () => {
  const scores = (ap50: number | null, objects: number) => ({
    ...{ ap: null, ap50, ap75: null, objects, detections: 0 },
  })
  const answer = {
    ...{ overall: { a: null, b: null, clean: null }, needs: null },
    classes: [
      { class: 'dog', a: scores(0.1, 3), b: scores(0.2, 3), clean: null },
      { class: 'person', a: scores(0.3, 9), b: null, clean: null },
      { class: 'never', a: scores(null, 0), b: scores(null, 0), clean: null },
    ],
  }
  expect(classValues(answer, 10)).toEqual([
    { name: 'person', a: 30, b: null, clean: null },
    { name: 'dog', a: 10, b: 20, clean: null },
  ])
})

test('curves are drawn with B on top, stages with A first', () => {
  const points = [{ recall: 0, precision: 1, score: null }]
  const answer = {
    ...{ needs: null },
    curves: [
      { layer: 'b' as const, points, ap50: 1 },
      { layer: 'clean' as const, points: [], ap50: null },
      { layer: 'a' as const, points, ap50: 1 },
    ],
  }
  expect(curvesOf(answer, names).map(({ name }) => name)).toEqual(['bare', 'defended'])
  const stages = [{ name: 'detect', medianMs: 26 }]
  const layers = [
    { layer: 'b' as const, images: 1, medianMs: 1, stages },
    { layer: 'a' as const, images: 1, medianMs: 1, stages },
  ]
  expect(stagesOf({ layers }, names, 'others').map(({ name }) => name)).toEqual([
    'bare',
    'defended',
  ])
})

test('stages that are too small to be seen stand together', () => {
  const stages = [
    { name: 'read', medianMs: 1 },
    { name: 'detect', medianMs: 96 },
    { name: 'pack', medianMs: 2 },
  ]
  const layers = [{ layer: 'a' as const, images: 1, medianMs: 99, stages }]
  expect(stagesOf({ layers }, names, 'others')[0]?.stages).toEqual([
    { name: 'detect', ms: 96 },
    { name: 'others', ms: 3 },
  ])
})

test('a certificate counts as proven only while it holds', () => {
  expect(isProven({ certified: true, stale: [] })).toBe(true)
  expect(isProven({ certified: true, stale: ['model'] })).toBe(false)
  expect(isProven({ certified: false, stale: [] })).toBe(false)
})

test('a point of a certified curve stands for the pictures that reach its size, by line', () => {
  const steps = [0, 10, 20].map((size) => ({ size, count: 1, share: 1 }))
  const curve = {
    ...{ run: { id: 3, name: 'certified' }, method: 'objectseeker' },
    series: [
      { id: 'far' as const, steps },
      { id: 'over' as const, steps },
    ],
  }
  const behind = { kind: 'certified', run: 3, method: 'objectseeker' }
  expect(behindCertified(curve, new Set(['far/2', 'far/1', 'over/2']))).toEqual([
    { ...behind, series: 'far', size: 10 },
    { ...behind, series: 'over', size: 20 },
  ])
  expect(behindCertified(curve, new Set(['near/0', 'far/9']))).toEqual([])
})

test('a point of the plot by class stands for the mistakes of its run', () => {
  expect(behindClasses(['a/b/1', 'dog/7'])).toEqual([
    { kind: 'class', class: 'a/b', layer: 'b', mistakes: 'any' },
  ])
  expect(behindCurves(['b/3', 'b/9', 'a/0'], ['dog'])).toEqual([
    { kind: 'class', class: 'dog', layer: 'a', mistakes: 'any' },
    { kind: 'class', class: 'dog', layer: 'b', mistakes: 'any' },
  ])
})

test('chosen patches stand for the rectangle that they span', () => {
  const points = [
    { imageId: 1, patchId: 7, sizeFraction: 0.01, coveredFraction: 0.2 },
    { imageId: 2, patchId: 8, sizeFraction: 0.03, coveredFraction: 0.1 },
    { imageId: 3, patchId: 9, sizeFraction: 0.5, coveredFraction: 1 },
  ]
  expect(behindCoverage(new Set(['7', '8']), points)).toEqual([
    { kind: 'coverage', size: { min: 0.01, max: 0.03 }, covered: { min: 0.1, max: 0.2 } },
  ])
  expect(behindCoverage(new Set(['none']), points)).toEqual([])
  expect(behindBins('covered', [{ from: 0, to: 10 }])).toEqual([
    { kind: 'coverage', size: { min: 0, max: 1 }, covered: { min: 0, max: 0.1 } },
  ])
})

test('a stage stands for the pictures that took longer', () => {
  const runs = [{ layer: 'b' as const, name: 'B', stages: [{ name: 'segment', ms: 20 }] }]
  expect(behindStages(new Set(['B/segment']), runs, 'others')).toEqual([
    { kind: 'time', layer: 'b', stage: 'segment', minMs: 20 },
  ])
  expect(behindStages(new Set(['B/segment']), runs, 'segment')).toEqual([
    { kind: 'time', layer: 'b', stage: null, minMs: 20 },
  ])
})

test('a cell of the matrix stands for its classes, one of "others" for all that were put into it', () => {
  const whole = {
    classes: ['person', 'dog', 'cat'],
    counts: [
      [9, 0, 0, 1],
      [0, 2, 1, 0],
      [0, 0, 3, 0],
      [4, 0, 0, 0],
    ],
  }
  const shown = { classes: ['person', 'others'], counts: [] }
  expect(behindCells(['2/0'], shown, whole)).toEqual([
    { kind: 'transition', from: null, to: 'person' },
  ])
  expect(behindCells(['1/1'], shown, whole)).toEqual([
    { kind: 'transition', from: 'dog', to: 'dog' },
    { kind: 'transition', from: 'dog', to: 'cat' },
    { kind: 'transition', from: 'cat', to: 'cat' },
  ])
  expect(behindCells(['1/2'], whole, whole)).toEqual([
    { kind: 'transition', from: 'dog', to: 'cat' },
  ])
})

test('names of files are plain on every system', () => {
  expect(fileStem('Straße, bare/..\\x', 'Ünïcode ✓')).toBe('patchwarden-stra-e-bare-x-unicode')
  expect(fileStem('', '‮')).toBe('patchwarden')
})

test('the report holds tables, plots and manifests, and shows foreign names as text', () => {
  const bins = binned([1, 2, 3])
  const words = { counted: 'images', value: 'area', unit: '%' }
  const html = reportHtml(
    {
      ...{ a: '<img src=x onerror=alert(1)>', b: 'B', images: '3 pictures' },
      figures: [figure('ap50-clean', 0.5), figure('time', null, { needs: 'times' })],
      plots: [
        {
          ...{ title: 'Area', subtitle: 's', note: 'n', needs: null, summary: 'Three.' },
          draw: (size) => histogram(bins, words, size),
          table: histogramTable(bins, words),
        },
        {
          ...{ title: 'Empty', subtitle: '', note: '', needs: 'Needs ground truth', summary: '' },
          ...{ draw: null, table: { columns: [], rows: [] } },
        },
      ],
      manifests: [['B', { seed: 7, name: '</pre><script>' }]],
    },
    () => '#123456',
  )
  expect(html).not.toContain('<img')
  expect(html).not.toContain('<script')
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
  expect(html).toContain('<svg xmlns')
  expect(html).toContain('Needs ground truth')
  expect(html).toContain('&quot;seed&quot;: 7')
  expect(html).toContain('Needs a run with times (missing)')
})

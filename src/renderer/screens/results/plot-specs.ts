import { classBars, classTable } from '../../plots/class-bars'
import { confusionMatrix, confusionTable, largestClasses } from '../../plots/confusion'
import { coverageBySize, coverageTable } from '../../plots/coverage'
import { curveTable, precisionRecall } from '../../plots/precision-recall'
import type { Scene, Size } from '../../plots/scene'
import { milliseconds, stageTable, stageTimes } from '../../plots/stage-times'
import type { PlotTable } from '../../plots/table'
import { resultsText as words } from '../../strings/results'
import type { Loaded } from '../loaded.svelte'
import {
  type Behind,
  behindCells,
  behindClasses,
  behindCoverage,
  behindCurves,
  behindStages,
} from './behind'
import { certifiedSpec as curveOfCertificates } from './certified-specs'
import { percent, signed } from './figures'
import { classValues, curvesOf, type Layer, objectsOf, points, stagesOf } from './plot-inputs'
import type { Results } from './results.svelte'

export type PlotId =
  'classes' | 'curves' | 'coverage' | 'times' | 'matrix' | 'certified' | `certified-${string}`

/** A plot of the Overview: how it is drawn, said, saved, and what its points stand for. */
export interface PlotSpec {
  readonly id: PlotId
  readonly title: string
  readonly subtitle: string
  readonly note: string
  readonly draw: ((size: Size) => Scene) | null
  readonly table: PlotTable
  readonly summary: string
  readonly needs: string | null
  readonly failure: string | null
  readonly choose: (ids: ReadonlySet<string>) => void
}

const nothing: PlotTable = { columns: [], rows: [] }
const mostClasses = 12
const matrixClasses = 6

export function plotSpecs(results: Results): readonly PlotSpec[] {
  return [
    classSpec(results),
    curveSpec(results),
    coverageSpec(results),
    timeSpec(results),
    matrixSpec(results),
    certifiedSpec(results),
  ]
}

type Needs = keyof typeof words.needs

function spec(
  id: PlotId,
  [title, subtitle, note]: readonly [string, string, string],
  from: Pick<Loaded<unknown>, 'error'>,
  drawn: Partial<Pick<PlotSpec, 'draw' | 'table' | 'summary' | 'choose'>> & {
    needs?: Needs | null
  },
): PlotSpec {
  const {
    draw = null,
    table = nothing,
    summary = '',
    needs = null,
    choose = () => undefined,
  } = drawn
  const failure = from.error === null ? null : `${from.error.message} (${from.error.code})`
  const missing = needs === null ? null : words.needs[needs]
  return {
    ...{ id, title, subtitle, note, table, summary, failure, choose },
    ...{ draw: missing === null && failure === null ? draw : null, needs: missing },
  }
}

function choosing(results: Results, id: PlotId, behind: (ids: ReadonlySet<string>) => Behind[]) {
  return (ids: ReadonlySet<string>): void => {
    results.select(id, ids, behind(ids))
  }
}

function classSpec(results: Results): PlotSpec {
  const { names, perClass } = results
  const said = [words.classPlot, words.classPlotDetail, ''] as const
  const { value } = perClass
  if (!value) return spec('classes', said, perClass, {})
  const rows = classValues(value, mostClasses)
  const text = { ...names, measure: words.measure, className: words.className }
  const gains = rows.flatMap(({ name, a, b }) =>
    a === null || b === null ? [] : [{ name, by: b - a }],
  )
  const best = gains.toSorted((x, y) => y.by - x.by)[0]
  const gain = best && best.by > 0 ? words.mostGained(best.name, signed(best.by)) : ''
  return spec('classes', said, perClass, {
    needs: value.needs ?? (rows.length === 0 ? 'ground-truth' : null),
    draw: (size) => classBars(rows, text, size),
    table: classTable(classValues(value, Infinity), text),
    summary: words.classSummary(rows.length, gain),
    choose: choosing(results, 'classes', behindClasses),
  })
}

function curveSpec(results: Results): PlotSpec {
  const { curves, curveClass, names } = results
  const name = curveClass ?? words.allClasses
  const said = [words.curvePlot, words.curveDetail(name), words.curveNote] as const
  const { value } = curves
  if (!value) return spec('curves', said, curves, {})
  const lines = curvesOf(value, names)
  const text = {
    ...{ recall: words.recall, precision: words.precision },
    ...{ score: words.score, series: words.layer },
  }
  const classes = (results.perClass.value?.classes ?? [])
    .toSorted((x, y) => objectsOf(y) - objectsOf(x))
    .map((row) => row.class)
    .slice(0, 20)
  const parts = value.curves
    .filter(({ ap50 }) => ap50 !== null)
    .map(({ layer, ap50 }) => words.curvePart(names[layer], (points(ap50) ?? 0).toFixed(1)))
  return spec('curves', said, curves, {
    needs: value.needs ?? (lines.length === 0 ? 'ground-truth' : null),
    draw: (size) => precisionRecall(lines, text, size),
    table: curveTable(lines, text),
    summary: words.curveSummary(name, parts.join(', ')),
    choose: choosing(results, 'curves', (ids) =>
      behindCurves(ids, curveClass === null ? classes : [curveClass]),
    ),
  })
}

function coverageSpec(results: Results): PlotSpec {
  const { coverage } = results
  const said = [words.coveragePlot, words.coverageDetail, words.coverageNote] as const
  const { value } = coverage
  if (!value) return spec('coverage', said, coverage, {})
  const patches = value.points.map(({ patchId, imageId, sizeFraction, coveredFraction }) => ({
    ...{ id: String(patchId), image: `${words.image} ${imageId}, ${words.patch} ${patchId}` },
    ...{ areaFraction: sizeFraction, coveredFraction },
  }))
  const text = { image: words.image, area: words.patchArea, covered: words.covered }
  return spec('coverage', said, coverage, {
    needs: value.needs ?? (patches.length === 0 ? 'patch-annotations' : null),
    draw: (size) => coverageBySize(patches, text, size),
    table: coverageTable(patches, text),
    summary: words.coverageSummary(patches.length, percent(value.covered ?? 0), value.underNinety),
    choose: choosing(results, 'coverage', (ids) => behindCoverage(ids, value.points)),
  })
}

function timeSpec(results: Results): PlotSpec {
  const { times } = results
  const { value } = times
  const images = Math.max(0, ...(value?.layers ?? []).map((layer) => layer.images))
  const said = [words.timePlot, value ? words.timeDetail(images) : '', ''] as const
  if (!value) return spec('times', said, times, {})
  // Short names: what A and B are stands at the top right.
  const letters = { a: words.runA, b: words.runB, clean: words.cleanShort }
  const runs = stagesOf(value, letters, words.otherStages)
  const byLayer = runs.map((run) => {
    const layer: Layer = run.name === words.runA ? 'a' : 'b'
    return { layer, name: run.name, stages: run.stages }
  })
  const text = { run: words.layer, stage: words.stage, time: words.time, total: words.total }
  const parts = runs.map(({ name, stages }) =>
    words.timePart(name, milliseconds(stages.reduce((sum, { ms }) => sum + ms, 0))),
  )
  return spec('times', said, times, {
    needs: runs.length === 0 ? 'stages' : null,
    draw: (size) => stageTimes(runs, text, size),
    table: stageTable(runs, text),
    summary: words.timeSummary(parts.join(' ')),
    choose: choosing(results, 'times', (ids) => behindStages(ids, byLayer, words.otherStages)),
  })
}

function matrixSpec(results: Results): PlotSpec {
  const { transitions } = results
  const said = [words.matrixPlot, words.matrixDetail, words.matrixNote] as const
  const { value } = transitions
  if (!value) return spec('matrix', said, transitions, {})
  const shown = largestClasses(withoutEmpty(value), matrixClasses, words.others)
  const text = { none: words.none, a: words.runA, b: words.runB, boxes: words.boxes }
  return spec('matrix', said, transitions, {
    needs: value.needs,
    draw: (size) => confusionMatrix(shown, text, size),
    table: confusionTable(withoutEmpty(value), text),
    summary: matrixSummary(value),
    choose: choosing(results, 'matrix', (ids) => behindCells(ids, shown, withoutEmpty(value))),
  })
}

interface Matrix {
  readonly classes: readonly string[]
  readonly counts: readonly (readonly number[])[]
}

/** Detectors know eighty classes; those that nothing was found of say nothing. */
function withoutEmpty({ classes, counts }: Matrix): Matrix {
  const used = [...classes, ''].flatMap((_, index) => {
    const any = (counts[index] ?? []).some((count) => count > 0)
    const isNone = index === classes.length
    return any || isNone || counts.some((row) => (row[index] ?? 0) > 0) ? [index] : []
  })
  return {
    classes: used.filter((index) => index < classes.length).map((index) => classes[index] ?? ''),
    counts: used.map((row) => used.map((column) => counts[row]?.[column] ?? 0)),
  }
}

function matrixSummary({ classes, counts }: Matrix): string {
  const none = classes.length
  const sums = { kept: 0, gained: 0, lost: 0, changed: 0 }
  for (const [row, line] of counts.entries()) {
    for (const [column, count] of line.entries()) {
      if (row === none) sums.gained += count
      else if (column === none) sums.lost += count
      else if (row === column) sums.kept += count
      else sums.changed += count
    }
  }
  return words.matrixSummary(sums.kept, sums.gained, sums.lost, sums.changed)
}

/** Of the newest run that certifies; the tab Certificates has them all. */
function certifiedSpec(results: Results): PlotSpec {
  const { certified } = results
  const said = [words.certifiedPlot, '', words.certifiedNote] as const
  const newest = certified.value?.curves.at(-1)
  if (newest && certified.error === null) return curveOfCertificates(results, newest)
  return spec('certified', said, certified, certified.value ? { needs: 'certificates' } : {})
}

import { widthAxis } from './axes'
import { bandScale, linearScale } from './scale'
import {
  fitText,
  type LegendEntry,
  type Mark,
  type PlotPoint,
  type Scene,
  type Size,
  text,
  textSize,
  type Token,
} from './scene'
import type { PlotTable } from './table'
import { niceTicks, tickDomain } from './ticks'

export interface StageTimes {
  readonly name: string
  /** Medians over the images in milliseconds, in the order in which the stages ran. */
  readonly stages: readonly { readonly name: string; readonly ms: number }[]
  /** Range of the whole time of an image that nine of ten fall into, in milliseconds. */
  readonly spread: {
    readonly lowMs: number
    readonly medianMs: number
    readonly highMs: number
  } | null
}

export interface StageTimesText {
  readonly run: string
  readonly stage: string
  readonly time: string
  readonly total: string
}

// Greys for what every run does, the ramp for what a defense adds: stages are no data colours of the pictures.
const plainInks: readonly Token[] = ['--text-3', '--line-control', '--line-strong']
const addedInks: readonly Token[] = ['--ramp-3', '--ramp-4', '--ramp-2', '--ramp-5', '--ramp-1']

const margin = { top: 6, right: 46, bottom: 24 }

/** One bar a run, one piece a stage. The first run is the bare one: stages that it lacks are those of the defense. */
export function stageTimes(
  runs: readonly StageTimes[],
  words: StageTimesText,
  { width, height }: Size,
): Scene {
  const inkOf = stageInks(runs)
  const label = Math.min(90, width * 0.25)
  const bottom = height - margin.bottom
  const totals = runs.map(({ stages }) => sum(stages))
  const reach = Math.max(1, ...totals, ...runs.map(({ spread }) => spread?.highMs ?? 0))
  const ticks = niceTicks(0, reach, 4)
  const across = linearScale(tickDomain(ticks), [label + 8, width - margin.right])
  const down = bandScale(runs.length, [margin.top, bottom], 0.5)
  const marks: Mark[] = [...widthAxis(ticks, across, bottom, { top: margin.top, unit: 'ms' })]
  const points: PlotPoint[] = []
  for (const [row, { name, stages, spread }] of runs.entries()) {
    const y = down.start(row)
    const bar = Math.min(32, down.band)
    marks.push(
      text(fitText(name, label, textSize.label), label, y + bar / 2 + 4, {
        ...{ anchor: 'end', size: textSize.label, fill: '--text-2', bold: true },
      }),
    )
    let before = 0
    for (const [column, { name: stage, ms }] of stages.entries()) {
      const x = across.at(before)
      const area = { x, y, width: Math.max(1, across.at(before + ms) - x - 1), height: bar }
      marks.push({ kind: 'rect', ...area, radius: 2, fill: inkOf(stage) })
      points.push({
        ...{ id: `${name}/${stage}`, row, column, area },
        ...{ x: x + area.width / 2, y: y + bar / 2 },
        label: `${name}, ${stage}: ${milliseconds(ms)}`,
      })
      before += ms
    }
    marks.push(
      text(milliseconds(before), across.at(before) + 7, y + bar / 2 + 4, {
        ...{ size: textSize.label, fill: '--text', bold: true },
      }),
    )
    if (spread) marks.push(...spreadMarks(spread, (ms) => across.at(ms), y + bar + 9))
  }
  return { width, height, marks, points, legend: legend(runs, inkOf) }
}

function spreadMarks(
  { lowMs, medianMs, highMs }: NonNullable<StageTimes['spread']>,
  at: (ms: number) => number,
  y: number,
): Mark[] {
  const median = at(medianMs)
  return [
    {
      ...{ kind: 'line', x1: at(lowMs), x2: at(highMs), y1: y, y2: y },
      ...{ stroke: '--text-3', strokeWidth: 3, opacity: 0.5, round: true },
    },
    {
      kind: 'line',
      x1: median,
      x2: median,
      y1: y - 5,
      y2: y + 5,
      stroke: '--text',
      strokeWidth: 1.5,
    },
  ]
}

/** Stages of all runs, each once, in their order. */
function stageInks(runs: readonly StageTimes[]): (stage: string) => Token {
  const plain = new Set(runs[0]?.stages.map(({ name }) => name))
  const inks = new Map<string, Token>()
  const used = { plain: 0, added: 0 }
  for (const { name } of runs.flatMap(({ stages }) => stages)) {
    if (inks.has(name)) continue
    const kind = runs.length > 1 && !plain.has(name) ? 'added' : 'plain'
    const list = kind === 'added' ? addedInks : plainInks
    inks.set(name, list[used[kind]++ % list.length] ?? '--text-3')
  }
  return (stage) => inks.get(stage) ?? '--text-3'
}

function legend(runs: readonly StageTimes[], inkOf: (stage: string) => Token): LegendEntry[] {
  const names = new Set(runs.flatMap(({ stages }) => stages.map(({ name }) => name)))
  return [...names].map((name) => ({ sample: { kind: 'swatch', ink: inkOf(name) }, text: name }))
}

function sum(stages: StageTimes['stages']): number {
  return stages.reduce((total, { ms }) => total + ms, 0)
}

/** Rounded as far as a person can use it. */
export function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en')}\u2009ms`
}

export function stageTable(runs: readonly StageTimes[], words: StageTimesText): PlotTable {
  return {
    columns: [{ name: words.run }, { name: words.stage }, { name: words.time, unit: 'ms' }],
    rows: runs.flatMap(({ name, stages }) => [
      ...stages.map((stage) => [name, stage.name, stage.ms]),
      [name, words.total, sum(stages)],
    ]),
  }
}

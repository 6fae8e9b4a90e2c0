import { type Footprint, touchedRange } from '../../certificates/footprint'
import type { Ablation } from '../../certificates/derandomized-smoothing/ablation'
import type { DerandomizedState } from '../../certificates/derandomized-smoothing/certifier'
import type { Settings } from '../../certificates/derandomized-smoothing/settings'
import {
  certifySource,
  placesOf,
  sourceSettled,
} from '../../certificates/derandomized-smoothing/source-patch'
import { chanceOf } from '../../certificates/sampling-settings'
import type { PatchSize } from '../../defenses/masking/patch-places'
import type { JsonValue } from '../../shared/dataset'
import type { CertifierPlugin, SmoothingFinding, TallyState } from '../../shared/plugin'
import type { BoxXyxy, RgbImage } from '../../shared/vision'
import type { ModelPicture } from './model-picture'

export interface PatchQuestion {
  readonly certifier: CertifierPlugin
  readonly settings: Settings
  readonly ablation: Ablation
  readonly classes: number
  /** The patch that is asked about, in pixels of the picture; null: the largest is wanted. */
  readonly size: PatchSize | null
  readonly seen: ModelPicture
  /** What the model's picture was made of. */
  readonly crop: Pick<RgbImage, 'width' | 'height'>
  /** Where it was cut from, in whole pixels of the picture; null: it is the picture. */
  readonly box: BoxXyxy | null
}

/** What votes about bands, rows or blocks say of patches in pixels of the picture, before the resize for the model. */
export function patchAnswer(question: PatchQuestion) {
  const { settings, size } = question
  const isStrip =
    settings.sampling === 'all' && (settings.ablation === 'columns' || settings.ablation === 'rows')
  const wanted = size === null ? null : sideOf(question, size)
  return {
    settled: wanted === null ? null : settledFor(question, isStrip, wanted),
    describe(finding: SmoothingFinding, state: TallyState, answer: boolean | null, isCut: boolean) {
      // The answer to one size is known and nothing beyond it.
      const { largest, details } = isCut
        ? { largest: answer === true ? (wanted ?? 0) : 0, details: {} }
        : isStrip
          ? // the tally of this certifier
            stripSize(question, state as DerandomizedState, finding, wanted)
          : { largest: sizeWithin(question, finding.radius), details: {} }
      const certified = wanted === null ? largest > 0 : largest >= wanted
      return {
        statement: statementOf(question, largest, certified ? null : (wanted ?? 1)),
        threat: threatOf(settings, question.box !== null),
        certified,
        radius: largest,
        unit: unitOf(settings),
        assumptions: assumptionsOf(question, finding),
        details: {
          ...(wanted === null ? {} : { asked: wanted }),
          modelRadius: finding.radius,
          ...details,
        } satisfies Record<string, JsonValue>,
      }
    },
  }
}

/** The side of a patch that counts: bands of columns do not care for its height, nor rows for its width. */
function sideOf({ settings }: PatchQuestion, { width, height }: PatchSize): number {
  if (settings.ablation === 'blocks') return Math.max(width, height)
  return settings.ablation === 'rows' ? height : width
}

const footprintOf = ({ settings, seen }: PatchQuestion): Footprint =>
  settings.ablation === 'rows' ? seen.rows : seen.columns

function settledFor(question: PatchQuestion, isStrip: boolean, wanted: number) {
  const { certifier, settings, ablation, classes, seen } = question
  if (isStrip) {
    const footprint = footprintOf(question)
    return (state: TallyState): boolean | null => {
      const { table } = state as DerandomizedState // the tally of this certifier
      return sourceSettled(table, classes, ablation, footprint, wanted)
    }
  }
  const job = { params: settings, shape: seen.picture, classes }
  const size = Math.max(1, ...axesOf(question).map((axis) => widestRun(axis, wanted)))
  return (state: TallyState): boolean | null => certifier.settled(state, size, job)
}

function stripSize(
  question: PatchQuestion,
  { table }: DerandomizedState,
  finding: SmoothingFinding,
  wanted: number | null,
) {
  const { classes, ablation, box, settings } = question
  const footprint = footprintOf(question)
  const { largest, mapAt, isHarmless } = certifySource(table, classes, ablation, footprint)
  if (finding.class === null) return { largest: 0, details: {} }
  const { length } = footprint.first
  const patch = Math.min(wanted ?? largest + 1, length)
  const isRows = settings.ablation === 'rows'
  const from = (isRows ? box?.[1] : box?.[0]) ?? 0
  const map = {
    axis: isRows ? 'y' : 'x',
    patch,
    from,
    places: placesOf(length, patch),
    vulnerable: runsOf(mapAt(patch), from),
    harmless: harmlessEnds(isHarmless, length, from),
  }
  return { largest, details: { map } }
}

/**
 * The map for patches of every size: `[place, end]` says that a patch that begins at `place`, or at any one after it up to
 * the next entry, is harmless if it ends at `end` or before. What lies inside a harmless patch is harmless, so the ends
 * never go back.
 */
function harmlessEnds(
  isHarmless: (place: number, size: number) => boolean,
  length: number,
  from: number,
): number[][] {
  const stairs: number[][] = []
  let end = 0
  for (let place = 0; place < length; place++) {
    end = Math.max(end, place)
    const before = end
    while (end < length && isHarmless(place, end + 1 - place)) end++
    if (place === 0 || end > before) stairs.push([from + place, from + end])
  }
  return stairs
}

/** First and last place of each run of places where the patch may change the class. */
function runsOf(isHarmless: readonly boolean[], from: number): number[][] {
  const runs: number[][] = []
  isHarmless.forEach((harmless, place) => {
    const last = runs.at(-1)
    if (harmless) return
    if (last?.[1] === from + place - 1) last[1] = from + place
    else runs.push([from + place, from + place])
  })
  return runs
}

/** The largest patch of the picture that has a part in at most `modelSize` pixels of the model's along each side. */
function sizeWithin(question: PatchQuestion, modelSize: number): number {
  const axes = axesOf(question)
  const most = Math.max(...axes.map(({ first }) => first.length))
  let size = 0
  if (modelSize === 0) return size
  while (size < most && axes.every((axis) => widestRun(axis, size + 1) <= modelSize)) size++
  return size
}

function axesOf({ settings, seen: { columns, rows } }: PatchQuestion): Footprint[] {
  if (settings.ablation === 'blocks') return [columns, rows]
  return settings.ablation === 'rows' ? [rows] : [columns]
}

function widestRun(axis: Footprint, size: number): number {
  let widest = 0
  for (let place = 0; place < placesOf(axis.first.length, size); place++) {
    const range = touchedRange(axis, place, size)
    if (range !== null) widest = Math.max(widest, range[1] - range[0] + 1)
  }
  return widest
}

/** What is proven, up to `largest`, and that `open` is not, where that was asked for. */
function statementOf(
  { settings, box }: PatchQuestion,
  largest: number,
  open: number | null,
): string {
  const extent = { columns: 'wide', 'multi-columns': 'wide', rows: 'high', blocks: 'on each side' }
  const px = (size: number): string => `${size} px ${extent[settings.ablation]}`
  const about = box === null ? 'picture' : 'crop'
  const limit = box === null ? '' : "; the box's position is not certified"
  if (largest === 0) {
    return `Not proven: a patch ${px(open ?? 1)} may change the class of this ${about}${limit}.`
  }
  const beyond = open === null ? '' : `; for one ${px(open)} it is not proven`
  return `The class of this ${about} cannot change under any one patch up to ${px(largest)}${beyond}${limit}.`
}

function threatOf({ ablation }: Settings, isCrop: boolean): string {
  const where = isCrop ? 'of which any part lies inside the box' : 'anywhere in the picture'
  if (ablation === 'blocks') return `one patch of any content inside a square, ${where}`
  return ablation === 'rows'
    ? `one patch of any content and width, ${where}`
    : `one patch of any content and height, ${where}`
}

const unitOf = ({ ablation }: Settings): string =>
  `pixels of the picture, ${{ columns: 'width', 'multi-columns': 'width', rows: 'height', blocks: 'side' }[ablation]} of the patch`

function assumptionsOf(question: PatchQuestion, finding: SmoothingFinding): string[] {
  const { settings, crop, seen, box } = question
  const { width, height } = seen.picture
  return [
    ...(finding.alpha === undefined ? [] : [chanceOf(settings)]),
    seen.isResized
      ? `Sizes are pixels of the picture; its ${crop.width} x ${crop.height} pixels are resized to ${width} x ${height} for the model, which is accounted for.`
      : `Sizes are pixels of the picture, which the model sees as they are, ${width} x ${height}.`,
    'All changed pixels of the decoded picture lie inside the patch; saving it as JPEG afterwards changes more.',
    'The model gives the same answer whenever it is given the same sample.',
    'It is about the vote over parts of the picture, not about the model on all of it.',
    'It is not a statement that the class is right.',
    ...(box === null ? [] : ['The box is taken as it is: an attack may move or suppress it.']),
  ]
}

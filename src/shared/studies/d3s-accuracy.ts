import type { ClassMap, NamedClass } from './class-map'
import { groupBy, meanOf, type Tally, tally, tallyBy } from './tally'

/** A picture of D3S with what a model said of it. */
export interface D3sPicture {
  readonly classIndex: number
  readonly background: string | null
  readonly shift: string
  /** On the verified list; null where the split has none. */
  readonly verified: boolean | null
  /** The model's class; null if it answered none. */
  readonly predicted: number | null
}

/** What decides which background is usual for a class: the pictures of the training split. */
export type TrainingPicture = Pick<D3sPicture, 'classIndex' | 'background'>

export interface D3sAccuracy {
  /** Pictures that were looked at, and those left out because the model lacks their class. */
  readonly pictures: number
  readonly withoutClass: number
  /** All pictures whose class the model knows, those on the verified list, and those that people rejected. */
  readonly all: Tally
  readonly verified: Tally
  readonly rejected: Tally
  /** What everything below speaks of: all of them, or all but the rejected ones. */
  readonly shown: Tally
  readonly byBackground: readonly (Tally & { readonly background: string })[]
  readonly byShift: readonly (Tally & { readonly shift: string })[]
  readonly gap: BackgroundGap
  readonly worstBackgrounds: readonly WorstBackground[]
}

export interface BackgroundGap {
  readonly usual: Tally
  readonly unusual: Tally
  /** Accuracy on usual minus accuracy on unusual backgrounds; null where one side has no pictures. */
  readonly difference: number | null
  /** Mean of the differences of the classes that have both, and how many these are. */
  readonly meanOfClasses: number | null
  readonly classes: number
  /** Pictures in neither: no background given, or a class without training pictures. */
  readonly undecided: number
  /** Classes whose most frequent backgrounds are several: all of these are usual. */
  readonly tiedClasses: number
}

export interface WorstBackground extends Tally {
  readonly classIndex: number
  readonly className: string
  readonly background: string
}

/**
 * Accuracy of a model by background and by shift. `usual` is our reading of the paper's idea: the background in which the
 * training split shows a class most often (all of them, where several are equally frequent).
 */
export function d3sAccuracy(
  pictures: readonly D3sPicture[],
  training: readonly TrainingPicture[],
  classes: readonly NamedClass[],
  { modelClass }: Pick<ClassMap, 'modelClass'>,
  backgroundOrder: readonly string[],
  withRejected = false,
): D3sAccuracy {
  const known = pictures.filter(({ classIndex }) => modelClass.has(classIndex))
  const shown = withRejected ? known : known.filter(({ verified }) => verified !== false)
  const isCorrect = ({ classIndex, predicted }: D3sPicture): boolean =>
    predicted !== null && predicted === modelClass.get(classIndex)
  const place = (background: string): number => {
    const at = backgroundOrder.indexOf(background)
    return at < 0 ? backgroundOrder.length : at
  }
  const byPlace = (a: string, b: string): number => place(a) - place(b) || (a < b ? -1 : 1)
  const names = new Map(classes.map(({ index, name }) => [index, name]))
  return {
    pictures: pictures.length,
    withoutClass: pictures.length - known.length,
    all: tally(known, isCorrect),
    verified: tally(
      known.filter(({ verified }) => verified === true),
      isCorrect,
    ),
    rejected: tally(
      known.filter(({ verified }) => verified === false),
      isCorrect,
    ),
    shown: tally(shown, isCorrect),
    byBackground: tallyBy(shown, ({ background }) => background, isCorrect, byPlace).map(
      ({ key, ...own }) => ({ background: key, ...own }),
    ),
    byShift: tallyBy(shown, ({ shift }) => shift, isCorrect, byText).map(({ key, ...own }) => ({
      shift: key,
      ...own,
    })),
    gap: backgroundGap(shown, usualBackgrounds(training), isCorrect),
    worstBackgrounds: worst(shown, isCorrect, byPlace, names),
  }
}

/** The most frequent backgrounds of each class. */
export function usualBackgrounds(
  training: readonly TrainingPicture[],
): ReadonlyMap<number, ReadonlySet<string>> {
  const usual = new Map<number, ReadonlySet<string>>()
  for (const [classIndex, own] of groupBy(training, (picture) => picture.classIndex)) {
    const counts = [...groupBy(own, ({ background }) => background)].map(
      ([background, group]) => [background, group.length] as const,
    )
    const most = Math.max(0, ...counts.map(([, count]) => count))
    const frequent = counts.filter(([, count]) => count === most).map(([name]) => name)
    if (frequent.length > 0) usual.set(classIndex, new Set(frequent))
  }
  return usual
}

function backgroundGap(
  pictures: readonly D3sPicture[],
  usual: ReadonlyMap<number, ReadonlySet<string>>,
  isCorrect: (picture: D3sPicture) => boolean,
): BackgroundGap {
  const sideOf = ({ classIndex, background }: D3sPicture): 'usual' | 'unusual' | null => {
    const own = usual.get(classIndex)
    if (!own || background === null) return null
    return own.has(background) ? 'usual' : 'unusual'
  }
  const sides = groupBy(pictures, sideOf)
  const tallies = {
    usual: tally(sides.get('usual') ?? [], isCorrect),
    unusual: tally(sides.get('unusual') ?? [], isCorrect),
  }
  const differences = [...groupBy(pictures, ({ classIndex }) => classIndex).values()].flatMap(
    (own) => {
      const parts = groupBy(own, sideOf)
      return (
        minus(
          tally(parts.get('usual') ?? [], isCorrect),
          tally(parts.get('unusual') ?? [], isCorrect),
        ) ?? []
      )
    },
  )
  const seen = new Set(pictures.map(({ classIndex }) => classIndex))
  return {
    ...tallies,
    difference: minus(tallies.usual, tallies.unusual),
    meanOfClasses: meanOf(differences),
    classes: differences.length,
    undecided: pictures.length - tallies.usual.pictures - tallies.unusual.pictures,
    tiedClasses: [...usual].filter(([index, own]) => seen.has(index) && own.size > 1).length,
  }
}

function minus(a: Tally, b: Tally): number | null {
  return a.accuracy === null || b.accuracy === null ? null : a.accuracy - b.accuracy
}

/** The background of the lowest accuracy for each class; of equals the one with more pictures, then the first in order. */
function worst(
  pictures: readonly D3sPicture[],
  isCorrect: (picture: D3sPicture) => boolean,
  byPlace: (a: string, b: string) => number,
  names: ReadonlyMap<number, string>,
): WorstBackground[] {
  const byClass = groupBy(pictures, ({ classIndex }) => classIndex)
  return [...byClass]
    .sort(([a], [b]) => a - b)
    .flatMap(([classIndex, own]) => {
      const tallies = tallyBy(own, ({ background }) => background, isCorrect, byPlace)
      const [lowest] = [...tallies].sort(
        (a, b) => (a.accuracy ?? 0) - (b.accuracy ?? 0) || b.pictures - a.pictures,
      )
      if (!lowest) return []
      const { key, ...counts } = lowest
      const className = names.get(classIndex) ?? String(classIndex)
      return [{ classIndex, className, background: key, ...counts }]
    })
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

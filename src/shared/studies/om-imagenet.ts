import type { ClassMap, NamedClass } from './class-map'
import { type SignTest, signTest } from './sign-test'
import { groupBy, type Tally, tally } from './tally'

/** A picture of OM-ImageNet or of its companion set of natural pictures, with what a model said of it. */
export interface OmPicture {
  readonly split: string
  readonly classIndex: number
  /** Place in its file. */
  readonly row: number
  /** The model's class; null if it answered none. */
  readonly predicted: number | null
}

export interface OmStudy {
  readonly onManifold: Side
  readonly natural: Side
  readonly byClass: readonly {
    readonly classIndex: number
    readonly className: string
    readonly onManifold: Tally
    readonly natural: Tally
  }[]
  readonly pairs: Pairs
}

export interface Side extends Tally {
  /** Pictures left out because the model lacks their class. */
  readonly withoutClass: number
}

/** Natural pictures and their projections. */
export interface Pairs {
  readonly count: number
  /** Pictures of either side without a partner. */
  readonly unpaired: number
  /** Pairs with the same answer, and its share. */
  readonly agreeing: number
  readonly agreement: number | null
  readonly bothCorrect: number
  readonly bothWrong: number
  /** First: the natural picture; second: its projection. */
  readonly test: SignTest
}

/**
 * The same model on natural pictures and on their projections to the image manifold. Two pictures are taken for a pair if split,
 * class and row are equal and the class has as many rows on both sides of the split: the files say nothing of it, so this
 * is our reading.
 */
export function omStudy(
  onManifold: readonly OmPicture[],
  natural: readonly OmPicture[],
  classes: readonly NamedClass[],
  { modelClass }: Pick<ClassMap, 'modelClass'>,
): OmStudy {
  const isKnown = ({ classIndex }: OmPicture): boolean => modelClass.has(classIndex)
  const isCorrect = ({ classIndex, predicted }: OmPicture): boolean =>
    predicted !== null && predicted === modelClass.get(classIndex)
  const side = (pictures: readonly OmPicture[]): Side => {
    const known = pictures.filter(isKnown)
    return { ...tally(known, isCorrect), withoutClass: pictures.length - known.length }
  }
  const known = { onManifold: onManifold.filter(isKnown), natural: natural.filter(isKnown) }
  const ofClass = (pictures: readonly OmPicture[], index: number): Tally =>
    tally(
      pictures.filter(({ classIndex }) => classIndex === index),
      isCorrect,
    )
  return {
    onManifold: side(onManifold),
    natural: side(natural),
    byClass: classes
      .filter(({ index }) => modelClass.has(index))
      .map(({ index, name }) => ({
        classIndex: index,
        className: name,
        onManifold: ofClass(known.onManifold, index),
        natural: ofClass(known.natural, index),
      })),
    pairs: comparePairs(known.onManifold, known.natural, isCorrect),
  }
}

function comparePairs(
  onManifold: readonly OmPicture[],
  natural: readonly OmPicture[],
  isCorrect: (picture: OmPicture) => boolean,
): Pairs {
  const fileOf = ({ split, classIndex }: OmPicture): string => `${split}/${classIndex}`
  const projected = groupBy(onManifold, fileOf)
  const pairs: (readonly [natural: OmPicture, projected: OmPicture])[] = []
  for (const [file, own] of groupBy(natural, fileOf)) {
    const others = projected.get(file) ?? []
    if (others.length !== own.length) continue
    const byRow = new Map(others.map((picture) => [picture.row, picture]))
    for (const picture of own) {
      const partner = byRow.get(picture.row)
      if (partner) pairs.push([picture, partner])
    }
  }
  const outcome = (first: boolean, second: boolean): number =>
    pairs.filter(([a, b]) => isCorrect(a) === first && isCorrect(b) === second).length
  const agreeing = pairs.filter(([a, b]) => a.predicted === b.predicted).length
  return {
    count: pairs.length,
    unpaired: onManifold.length + natural.length - 2 * pairs.length,
    agreeing,
    agreement: pairs.length === 0 ? null : agreeing / pairs.length,
    bothCorrect: outcome(true, true),
    bothWrong: outcome(false, false),
    test: signTest(outcome(true, false), outcome(false, true)),
  }
}

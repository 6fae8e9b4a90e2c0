import fc from 'fast-check'

/** Bands of a strip, tables of votes and an adversary, all written from their definitions, with nothing clever. */
export interface Strip {
  readonly length: number
  readonly band: number
  readonly stride: number
}

export const strips = (most: number): fc.Arbitrary<Strip> =>
  fc.integer({ min: 1, max: most }).chain((length) =>
    fc.record({
      length: fc.constant(length),
      band: fc.integer({ min: 1, max: length }),
      stride: fc.integer({ min: 1, max: length }),
    }),
  )

/** Pixels that the band starting at `start` shows. */
export function bandPixels({ length, band }: Strip, start: number): Set<number> {
  return new Set(Array.from({ length: band }, (_, i) => (start + i) % length))
}

/** Where bands start. */
export function bandStarts({ length, stride }: Strip): number[] {
  return Array.from({ length }, (_, pixel) => pixel).filter((pixel) => pixel % stride === 0)
}

export function patchPixels(length: number, place: number, size: number): number[] {
  return Array.from({ length: size }, (_, i) => place + i).filter((pixel) => pixel < length)
}

/** Positions whose shown pixels meet the patch. */
export function overlapping(
  shown: readonly ReadonlySet<number>[],
  patch: readonly number[],
): number[] {
  return shown.flatMap((pixels, position) =>
    patch.some((pixel) => pixels.has(pixel)) ? [position] : [],
  )
}

export function count(table: readonly (readonly number[])[], classes: number): number[] {
  return Array.from({ length: classes }, (_, c) => table.filter((set) => set.includes(c)).length)
}

/** First of the classes with the most votes. */
export const first = (votes: readonly number[]): number => votes.indexOf(Math.max(...votes))

/** Tries every set of classes at every one of `positions`: whether another class can be made to win. */
export function canFlip(
  table: readonly (readonly number[])[],
  classes: number,
  positions: readonly number[],
): boolean {
  const winner = first(count(table, classes))
  const votes = count(
    table.map((set, position) => (positions.includes(position) ? [] : set)),
    classes,
  )
  const attack = (at: number): boolean => {
    if (at === positions.length) return first(votes) !== winner
    for (let set = 0; set < 2 ** classes; set++) {
      const add = (by: number): void => {
        for (let c = 0; c < classes; c++) if ((set >> c) & 1) votes[c]! += by
      }
      add(1)
      const flipped = attack(at + 1)
      add(-1)
      if (flipped) return true
    }
    return false
  }
  return attack(0)
}

/** A table of the classes that each of `positions` positions votes for: none, one or several. */
export const tables = (positions: number, classes: number): fc.Arbitrary<number[][]> =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant<number[]>([0]) },
      { weight: 3, arbitrary: fc.subarray(Array.from({ length: classes }, (_, c) => c)) },
    ),
    { minLength: positions, maxLength: positions },
  )

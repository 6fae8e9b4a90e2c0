/** The exponents that cell sizes were published for. */
export type Exponent = '1/2' | '1/3'

export const exponentOf = (p: Exponent): number => (p === '1/2' ? 1 / 2 : 1 / 3)

/** Samples before dilution, which the votes a change can touch are measured by. */
export const BASE_BUDGET = 1000

/** Cell sizes as [size, how many], from Levine and Feizi's solution of the integer programme. */
const published: Readonly<Record<Exponent, readonly (readonly [number, number])[]>> = {
  '1/2': [
    [1, 17],
    [4, 17],
    [14, 2],
    [17, 1],
    [23, 1],
    [40, 1],
    [47, 1],
    [67, 1],
    [169, 1],
    [254, 1],
    [255, 1],
  ],
  '1/3': [
    [1, 81],
    [2, 38],
    [9, 11],
    [15, 1],
    [22, 1],
    [37, 1],
    [48, 2],
    [93, 1],
    [206, 1],
    [255, 1],
  ],
}

/** Which slots there are: every offset of every cell, and some that hide the value altogether. */
export interface SlotBudget {
  readonly cells: readonly number[]
  readonly ablated: number
  /** All slots, which is the number of samples. */
  readonly samples: number
}

/** The published cells for p, diluted by hidden slots: `dilution` >= 1 times as many samples. */
export function slotBudget(p: Exponent, dilution: number): SlotBudget {
  const cells = published[p].flatMap(([size, times]) => new Array<number>(times).fill(size))
  // 1000 * (1.1 - 1) is a little more than 100 in doubles, and must not cost a slot.
  const added = Math.ceil(BASE_BUDGET * (dilution - 1) - 1e-9)
  return { cells, ablated: BASE_BUDGET - slotsOf(cells) + added, samples: BASE_BUDGET + added }
}

/** The limit p -> 0: one slot in `samples` shows the value exactly, the others hide it. */
export const visibleOnceBudget = (samples: number): SlotBudget => ({
  cells: [1],
  ablated: samples - 1,
  samples,
})

export const slotsOf = (cells: readonly number[]): number =>
  cells.reduce((sum, size) => sum + size, 0)

/** Samples that can change when one value moves by 0..255 grey levels: entry z is the sum of min(cell, z). */
export function influence(cells: readonly number[]): number[] {
  return Array.from({ length: 256 }, (_, z) =>
    cells.reduce((sum, size) => sum + Math.min(size, z), 0),
  )
}

/** How far the influence stays below base budget * (z / 255)^p, at most. Negative: the cells are not sound for p. */
export function influenceGap(cells: readonly number[], p: number, base: number) {
  const gaps = influence(cells).map((touched, z) => base * (z / 255) ** p - touched)
  return { smallest: Math.min(...gaps), largest: Math.max(...gaps) }
}

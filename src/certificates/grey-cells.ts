/** Ends of the cell that a byte lies in, in grey levels of 0..255. */
export interface Cell {
  readonly low: number
  readonly high: number
}

/**
 * The cell of a byte where 0..255 is cut at `offset` + 1/2 and every `size` grey levels from there, both ways. Cuts lie
 * between bytes, so that no byte is on one.
 */
export function cellOf(byte: number, size: number, offset: number): Cell {
  const cut = offset + 0.5 + size * Math.floor((byte - offset - 1) / size)
  return { low: Math.max(0, cut), high: Math.min(255, cut + size) }
}

/** Middle of a cell, on the scale of 0..1. */
export const middleOf = ({ low, high }: Cell): number => (low + high) / 510

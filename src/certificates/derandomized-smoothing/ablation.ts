import { type Axis, keeps, mostTouched, placeCount, positionCount, touchedPositions } from './axis'
import { binomial, combinationAt } from './combinations'

/**
 * A way to keep part of a picture and to hide the rest. Positions are what is kept in turn, 0..positions-1; places are
 * where a patch may lie. Patches are given by one size: the side of a square for `block`, the width for `column` and
 * `multi-column` (of any height), the height for `row` (of any width).
 */
export interface Ablation {
  readonly kind: 'column' | 'row' | 'block' | 'multi-column'
  readonly positions: number
  /** The largest patch there is a point in asking about. */
  readonly largestPatch: number
  /** Places of a patch; row by row for `block`. */
  places(size: number): number
  /** Positions that show part of a patch at one place. */
  touched(place: number, size: number): readonly number[]
  /** The most positions that any place touches. */
  affected(size: number): number
  /** Whether a position keeps a pixel. */
  keeps(position: number, x: number, y: number): boolean
}

export function columnAblation(axis: Axis): Ablation {
  return {
    kind: 'column',
    positions: positionCount(axis),
    largestPatch: axis.length,
    places: (size) => placeCount(axis, size),
    touched: (place, size) => touchedPositions(axis, place, size),
    affected: (size) => mostTouched(axis, size),
    keeps: (position, x) => keeps(axis, position, x),
  }
}

export function rowAblation(axis: Axis): Ablation {
  const column = columnAblation(axis)
  return { ...column, kind: 'row', keeps: (position, _x, y) => column.keeps(position, y, 0) }
}

/** Positions row by row: the top edge of the block is the outer number, its left edge the inner one. */
export function blockAblation(rows: Axis, columns: Axis): Ablation {
  const across = positionCount(columns)
  return {
    kind: 'block',
    positions: positionCount(rows) * across,
    largestPatch: Math.max(rows.length, columns.length),
    places: (size) => placeCount(rows, size) * placeCount(columns, size),
    touched: (place, size) => {
      const perRow = placeCount(columns, size)
      const touchedColumns = touchedPositions(columns, place % perRow, size)
      return touchedPositions(rows, Math.floor(place / perRow), size).flatMap((row) =>
        touchedColumns.map((column) => row * across + column),
      )
    },
    affected: (size) => affectedBlocks(rows, columns, size, size),
    keeps: (position, x, y) =>
      keeps(rows, Math.floor(position / across), y) && keeps(columns, position % across, x),
  }
}

/** The most blocks that a patch of `height` x `width` pixels can touch. */
export function affectedBlocks(rows: Axis, columns: Axis, height: number, width: number): number {
  return mostTouched(rows, height) * mostTouched(columns, width)
}

/** `retained` of the whole bands of `band` columns, side by side from column 0; what is left over is never shown. */
export interface BandSet {
  readonly width: number
  readonly band: number
  readonly retained: number
}

export const bandCount = ({ width, band }: BandSet): number => Math.floor(width / band)

/** Sets of retained bands, exactly: there may be very many. */
export const bandSetCount = (set: BandSet): bigint => binomial(bandCount(set), set.retained)

/** The most sets of retained bands that a patch of `size` columns can touch. */
export function affectedBandSets(set: BandSet, size: number): bigint {
  const bands = bandCount(set)
  const touched = Math.min(bands, Math.ceil((size - 1) / set.band) + 1)
  return binomial(bands, set.retained) - binomial(bands - touched, set.retained)
}

export function multiColumnAblation(set: BandSet): Ablation {
  const bands = bandCount(set)
  const positions = Number(bandSetCount(set))
  const kept = (position: number): number[] => combinationAt(position, bands, set.retained)
  return {
    kind: 'multi-column',
    positions,
    largestPatch: set.width,
    places: (size) => Math.max(1, set.width - size + 1),
    touched: (place, size) => {
      const first = Math.floor(place / set.band)
      const last = Math.floor((place + size - 1) / set.band)
      const isTouched = (band: number): boolean => band >= first && band <= last
      return Array.from({ length: positions }, (_, position) => position).filter((position) =>
        kept(position).some(isTouched),
      )
    },
    affected: (size) => Number(affectedBandSets(set, size)),
    keeps: (position, x) => kept(position).includes(Math.floor(x / set.band)),
  }
}

import type { Area, PlotPoint } from './scene'

export type Direction = 'left' | 'right' | 'up' | 'down' | 'first' | 'last'

const directions: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'first',
  End: 'last',
}

export function directionOf(key: string): Direction | null {
  return directions[key] ?? null
}

/**
 * The point that an arrow key leads to; the same point at the end of a row. Without a current point every key leads to the
 * first. In a plot of one row, up and down walk by height instead.
 */
export function stepFrom(
  points: readonly PlotPoint[],
  current: PlotPoint | null,
  direction: Direction,
): PlotPoint | null {
  const ordered = points.toSorted((a, b) => a.row - b.row || a.column - b.column)
  const first = ordered[0] ?? null
  if (current === null || first === null) return first
  const row = ordered.filter((point) => point.row === current.row)
  if (direction === 'first') return row[0] ?? current
  if (direction === 'last') return row.at(-1) ?? current
  const sign = direction === 'left' || direction === 'up' ? -1 : 1
  if (direction === 'left' || direction === 'right') return neighbour(row, current, sign)
  if (row.length === ordered.length) {
    return neighbour(
      row.toSorted((a, b) => a.y - b.y || a.column - b.column),
      current,
      sign,
    )
  }
  return nearestInNextRow(ordered, current, sign)
}

function neighbour(list: readonly PlotPoint[], current: PlotPoint, sign: 1 | -1): PlotPoint {
  const index = list.findIndex(({ id }) => id === current.id)
  return list[index + sign] ?? current
}

function nearestInNextRow(ordered: readonly PlotPoint[], current: PlotPoint, sign: 1 | -1) {
  const rows = ordered.map(({ row }) => row).filter((row) => (row - current.row) * sign > 0)
  if (rows.length === 0) return current
  const next = sign > 0 ? Math.min(...rows) : Math.max(...rows)
  const candidates = ordered.filter(({ row }) => row === next)
  const distance = (point: PlotPoint) =>
    Math.abs(point.x - current.x) + Math.abs(point.column - current.column) * 1e-6
  return candidates.reduce((best, point) => (distance(point) < distance(best) ? point : best))
}

/** Ids of all points between two corners of the walk, both included. */
export function between(
  points: readonly PlotPoint[],
  anchor: PlotPoint,
  current: PlotPoint,
): ReadonlySet<string> {
  const within = (value: number, a: number, b: number) =>
    value >= Math.min(a, b) && value <= Math.max(a, b)
  return new Set(
    points
      .filter(
        ({ row, column }) =>
          within(row, anchor.row, current.row) && within(column, anchor.column, current.column),
      )
      .map(({ id }) => id),
  )
}

/** Ids of all points whose place, or the middle of whose area, lies in a rectangle that was drawn over the plot. */
export function inside(points: readonly PlotPoint[], brush: Area): ReadonlySet<string> {
  return new Set(points.filter((point) => covers(brush, point.x, point.y)).map(({ id }) => id))
}

/** The point under the pointer: the one whose area holds it, else the nearest within `reach` pixels. */
export function pointAt(
  points: readonly PlotPoint[],
  x: number,
  y: number,
  reach = 14,
): PlotPoint | null {
  const holding = points.find(({ area }) => area && covers(area, x, y))
  if (holding) return holding
  let best: PlotPoint | null = null
  let bestDistance = reach
  for (const point of points) {
    const distance = Math.hypot(point.x - x, point.y - y)
    if (distance > bestDistance) continue
    best = point
    bestDistance = distance
  }
  return best
}

function covers({ x, y, width, height }: Area, px: number, py: number): boolean {
  return px >= x && px <= x + width && py >= y && py <= y + height
}

import type { BoxXywh } from '../../shared/dataset'

/** The corners x, y, x, y, … of a box that is turned clockwise (on the screen) about its upper left corner. */
export function cornersOfTurnedBox([x, y, width, height]: BoxXywh, degrees: number): number[] {
  // Quarter turns are exact, so that upright boxes stay on their pixels.
  const quarter = (((degrees % 360) + 360) % 360) / 90
  const angle = (degrees * Math.PI) / 180
  const cos = [1, 0, -1, 0][quarter] ?? Math.cos(angle)
  const sin = [0, 1, 0, -1][quarter] ?? Math.sin(angle)
  const corner = (dx: number, dy: number) => [x + dx * cos - dy * sin, y + dx * sin + dy * cos]
  return [corner(0, 0), corner(width, 0), corner(width, height), corner(0, height)].flat()
}

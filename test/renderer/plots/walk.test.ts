import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PlotPoint } from '../../../src/renderer/plots/scene'
import { between, directionOf, inside, pointAt, stepFrom } from '../../../src/renderer/plots/walk'

const point = (row: number, column: number, x = column * 10, y = row * 10): PlotPoint => ({
  ...{ id: `${row}/${column}`, row, column, x, y },
  label: '',
})
const grid = [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => point(row, column)))
const at = (id: string) => grid.find((one) => one.id === id) ?? null
const id = (found: PlotPoint | null) => found?.id

test('arrows walk a grid and stop at its edges', () => {
  expect(id(stepFrom(grid, null, 'right'))).toBe('0/0')
  expect(id(stepFrom(grid, at('1/1'), 'left'))).toBe('1/0')
  expect(id(stepFrom(grid, at('1/1'), 'up'))).toBe('0/1')
  expect(id(stepFrom(grid, at('1/1'), 'down'))).toBe('2/1')
  expect(id(stepFrom(grid, at('2/2'), 'right'))).toBe('2/2')
  expect(id(stepFrom(grid, at('2/2'), 'down'))).toBe('2/2')
  expect(id(stepFrom(grid, at('1/1'), 'first'))).toBe('1/0')
  expect(id(stepFrom(grid, at('1/1'), 'last'))).toBe('1/2')
  expect(stepFrom([], null, 'right')).toBeNull()
})

test('up and down go to the nearest point of the next line, over rows that are empty', () => {
  const lines = [point(0, 0, 0), point(0, 1, 50), point(3, 0, 20), point(3, 1, 90)]
  expect(id(stepFrom(lines, lines[1] ?? null, 'down'))).toBe('3/0')
  expect(id(stepFrom(lines, lines[3] ?? null, 'up'))).toBe('0/1')
})

test('in a plot of one row, up and down walk by height', () => {
  const dots = [point(0, 0, 0, 30), point(0, 1, 10, 10), point(0, 2, 20, 20)]
  expect(id(stepFrom(dots, dots[2] ?? null, 'up'))).toBe('0/1')
  expect(id(stepFrom(dots, dots[2] ?? null, 'down'))).toBe('0/0')
})

test('every point can be reached from every other one by keys', () => {
  const places = fc.uniqueArray(fc.tuple(fc.nat(4), fc.nat(4)), {
    ...{ minLength: 1, maxLength: 12, selector: ([row, column]) => row * 10 + column },
  })
  fc.assert(
    fc.property(places, (chosen) => {
      const points = chosen.map(([row, column]) => point(row, column))
      const reached = new Set<string>()
      const open = [stepFrom(points, null, 'right')]
      for (let current = open.pop(); current; current = open.pop()) {
        if (reached.has(current.id)) continue
        reached.add(current.id)
        for (const way of ['left', 'right', 'up', 'down'] as const) {
          open.push(stepFrom(points, current, way))
        }
      }
      expect(reached.size).toBe(points.length)
    }),
  )
})

test('Shift takes the rectangle between the first and the last point', () => {
  const corner = [at('0/1'), at('1/2')] as const
  const [anchor, current] = corner
  if (!anchor || !current) throw new Error('the grid lacks its corners')
  expect([...between(grid, anchor, current)]).toEqual(['0/1', '0/2', '1/1', '1/2'])
  expect(between(grid, current, anchor)).toEqual(between(grid, anchor, current))
})

test('the pointer finds areas first, then the nearest point within reach', () => {
  const bar = { ...point(0, 5, 100, 100), area: { x: 90, y: 0, width: 20, height: 120 } }
  expect(id(pointAt([...grid, bar], 95, 5))).toBe('0/5')
  expect(id(pointAt(grid, 11, 12))).toBe('1/1')
  expect(pointAt(grid, 60, 60)).toBeNull()
  expect([...inside(grid, { x: 5, y: 5, width: 10, height: 20 })]).toEqual(['1/1', '2/1'])
})

test('keys that walk', () => {
  expect(directionOf('ArrowUp')).toBe('up')
  expect(directionOf('End')).toBe('last')
  expect(directionOf('t')).toBeNull()
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  gridColumns,
  moveInGrid,
  rowWindow,
  scrollHeight,
  scrollToRow,
} from '../../src/renderer/virtual-window'

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 200_000 }),
  rowHeight: fc.integer({ min: 20, max: 400 }),
  viewHeight: fc.integer({ min: 100, max: 2_000 }),
})

describe('columns', () => {
  test('fit at the narrowest width and share what is left', () => {
    expect(gridColumns({ count: 100, width: 1_104, cellWidth: 168, gap: 10 })).toEqual({
      columns: 6,
      rows: 17,
      width: 1_054 / 6,
    })
  })

  test('there is always one', () => {
    expect(gridColumns({ count: 3, width: 20, cellWidth: 168, gap: 10 }).columns).toBe(1)
  })
})

describe('mounted rows', () => {
  test('are the seen ones and a screen above and below', () => {
    const shape = { rows: 1_000, rowHeight: 100, viewHeight: 500 }
    expect(rowWindow(shape, 5_000)).toEqual({
      from: 45,
      to: 60,
      offset: 4_500,
      firstSeen: 50,
      lastSeen: 54,
    })
  })

  test('cover what is seen, wherever the scrollbar is, and are three screens at most', () => {
    fc.assert(
      fc.property(shapes, fc.double({ min: 0, max: 1, noNaN: true }), (shape, share) => {
        const scrollTop = share * Math.max(0, scrollHeight(shape) - shape.viewHeight)
        const window = rowWindow(shape, scrollTop)
        // Whole pixels may be missing at an edge by rounding, a row never.
        const end = window.offset + (window.to - window.from) * shape.rowHeight
        expect(window.offset).toBeLessThanOrEqual(scrollTop + 1)
        expect(end >= scrollTop + shape.viewHeight - 1 || window.to === shape.rows).toBe(true)
        expect(window.to - window.from).toBeLessThanOrEqual(
          3 * Math.ceil(shape.viewHeight / shape.rowHeight) + 2,
        )
      }),
    )
  })

  test('the last row is reached in a list taller than a browser lays out', () => {
    const shape = { rows: 1_000_000, rowHeight: 180, viewHeight: 800 }
    expect(scrollHeight(shape)).toBeLessThan(33_000_000)
    expect(rowWindow(shape, scrollHeight(shape) - shape.viewHeight).lastSeen).toBe(999_999)
  })

  test('scrolling to a row brings the whole of it into view, and no further than needed', () => {
    fc.assert(
      fc.property(shapes, fc.nat(), fc.nat(), (shape, to, from) => {
        const row = to % shape.rows
        const start = Math.min(from, Math.max(0, scrollHeight(shape) - shape.viewHeight))
        const top = scrollToRow(shape, start, row)
        const { firstSeen, lastSeen } = rowWindow(shape, top)
        expect(row).toBeGreaterThanOrEqual(firstSeen)
        expect(row).toBeLessThanOrEqual(lastSeen)
      }),
    )
    expect(scrollToRow({ rows: 100, rowHeight: 50, viewHeight: 500 }, 200, 6)).toBe(200)
  })
})

describe('keys in a grid', () => {
  const grid = { count: 20, columns: 6, screenRows: 3 }

  test('move by cells, rows and screens', () => {
    expect(moveInGrid('ArrowRight', 4, grid)).toBe(5)
    expect(moveInGrid('ArrowDown', 4, grid)).toBe(10)
    expect(moveInGrid('PageDown', 1, grid)).toBe(13)
    expect(moveInGrid('Home', 13, grid)).toBe(0)
    expect(moveInGrid('End', 0, grid)).toBe(19)
    expect(moveInGrid('a', 0, grid)).toBeNull()
  })

  test('down from a full row ends on the last cell; up from the first row stays in it', () => {
    expect(moveInGrid('ArrowDown', 16, grid)).toBe(19)
    expect(moveInGrid('ArrowDown', 19, grid)).toBe(19)
    expect(moveInGrid('PageUp', 7, grid)).toBe(1)
    expect(moveInGrid('ArrowLeft', 0, grid)).toBe(0)
  })

  test('never leave the list', () => {
    const keys = fc.constantFrom(
      'ArrowLeft',
      'ArrowRight',
      'ArrowUp',
      'ArrowDown',
      'PageUp',
      'PageDown',
      'Home',
      'End',
    )
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(),
        keys,
        (count, columns, at, key) => {
          const next = moveInGrid(key, at % count, { count, columns, screenRows: 4 })
          expect(next).toBeGreaterThanOrEqual(0)
          expect(next).toBeLessThan(count)
        },
      ),
    )
  })
})

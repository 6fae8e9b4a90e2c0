import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitShape } from '../../src/engine/studio/fit-shape'
import { idRanges, idsOfRanges } from '../../src/service/id-ranges'
import { linkedTo } from '../../src/service/linked-abort'
import { Turnstile } from '../../src/service/turnstile'
import { emptyMask, maskArea, maskBounds } from '../../src/shared/vision'

test('ids go through ranges and back', () => {
  expect(idRanges([9, 1, 2, 3, 4, 7, 7])).toBe('1-4,7,9')
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 500 })), (ids) => {
      expect(idsOfRanges(idRanges(ids))).toEqual(ids.toSorted((a, b) => a - b))
    }),
  )
  expect(['', 'x', '1-', '1,,2', '-3'].map(idsOfRanges)).toEqual([[], [], [], [], []])
  // Damaged texts that would fill all memory.
  expect(['1-999999999999999', '1-9000000,1-9000000,1-9000000'].map(idsOfRanges)).toEqual([[], []])
})

test('one goes through at a time, in the order of coming, and who gives up is passed by', async () => {
  const turnstile = new Turnstile()
  const never = new AbortController().signal
  const order: string[] = []
  const through = async (name: string, signal: AbortSignal) => {
    const leave = await turnstile.enter(signal)
    order.push(`${name} in`)
    await new Promise((resolve) => setTimeout(resolve, 5))
    order.push(`${name} out`)
    leave()
  }
  const impatient = new AbortController()
  const all = [through('a', never), through('b', impatient.signal), through('c', never)]
  impatient.abort(new DOMException('enough', 'AbortError'))
  await expect(all[1]).rejects.toThrow('enough')
  await Promise.all([all[0], all[2]])
  expect(order).toEqual(['a in', 'a out', 'c in', 'c out'])
})

test('a linked controller follows, also one that is linked to a linked one', () => {
  const source = new AbortController()
  const second = linkedTo(linkedTo(source.signal).signal)
  source.abort(new DOMException('why', 'AbortError'))
  expect(second.signal.aborted).toBe(true)
  expect(linkedTo(source.signal).signal.reason).toBe(source.signal.reason)
})

test('one that is linked to several follows the first of them', () => {
  const [one, two] = [new AbortController(), new AbortController()]
  const linked = linkedTo(linkedTo(one.signal, new AbortController().signal).signal, two.signal)
  expect(linked.signal.aborted).toBe(false)
  one.abort('first')
  two.abort('second')
  expect(linked.signal.reason).toBe('first')
  expect(linkedTo(two.signal, one.signal).signal.reason).toBe('second')
})

test('a shape is put around the middle of a part, in the side that fits it best', () => {
  const square = fc.record({
    x: fc.integer({ min: 30, max: 60 }),
    y: fc.integer({ min: 30, max: 60 }),
    side: fc.constantFrom(10, 16, 24, 32),
  })
  fc.assert(
    fc.property(square, ({ x, y, side }) => {
      const part = emptyMask(120, 120)
      for (let row = y; row < y + side; row++)
        part.bits.fill(1, row * 120 + x, row * 120 + x + side)
      const found = fitShape(part, 'square', [10, 16, 24, 32])
      expect(found.side).toBe(side)
      expect(found.mask.bits).toEqual(part.bits)
      const circle = fitShape(part, 'circle', [10, 16, 24, 32])
      expect(maskBounds(circle.mask)?.[0]).toBeGreaterThanOrEqual(x - 16)
      expect(maskArea(circle.mask)).toBeLessThan(1.1 * Math.PI * (circle.side / 2) ** 2)
      expect(fitShape(part, 'square', [50]).side).toBe(50)
      expect(fitShape(part, 'square', [100, 110]).side).toBe(side)
    }),
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { markKinds } from '../../../src/renderer/canvas/line-styles'
import { maskMark } from '../../../src/renderer/canvas/draw-masks'
import { MarksFrame } from '../../../src/renderer/canvas/marks-frame'
import { covers, placeOf } from '../../../src/renderer/canvas/moved-drawing'
import { boxLayer, type BoxItem } from '../../../src/renderer/canvas/scene'
import { toPicture, toScreen } from '../../../src/renderer/canvas/view'

const side = fc.double({ min: 1, max: 40, noNaN: true })
const place = fc.double({ min: -20, max: 90, noNaN: true })
const box = fc
  .tuple(place, place, side, side)
  .map(([x, y, width, height]) => [x, y, x + width, y + height] as const)
const item = fc.record({
  box,
  kind: fc.constantFrom(...markKinds),
  ghost: fc.option(box, { nil: undefined, freq: 8 }),
  isDim: fc.boolean(),
})

test('marks have the same pixels however their frame is cut into slices', () => {
  fc.assert(
    fc.property(
      fc.array(item, { maxLength: 30 }),
      fc.double({ min: 0.3, max: 6, noNaN: true }),
      fc.double({ min: -40, max: 20, noNaN: true }),
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(null, '0', '3'),
      (items, scale, offset, rows, lit) => {
        const boxes = items.map(({ box, kind, ghost, isDim }, k): BoxItem => ({
          ...{ box, kind, score: 0.5, label: 'person', key: String(k) },
          ...(ghost ? { ghost } : {}),
          ...(isDim ? { opacity: 0.4 } : {}),
        }))
        const bits = Uint8Array.from({ length: 40 * 30 }, (_, k) => Number(k % 7 < 3))
        const mask = maskMark({ width: 40, height: 30, bits }, 'completed')
        const scene = { picture: null, heat: null, boxes: boxLayer(boxes) }
        const order = {
          sides: [
            { scene: { ...scene, masks: mask ? [mask] : [] }, from: 0, to: 40, hasNoSpecks: false },
            { scene: { ...scene, masks: [] }, from: 40, to: 80, hasNoSpecks: true },
          ],
          view: { scale, x: offset, y: offset },
          ...{ pixelRatio: 1, lineScale: 1, lit },
        }
        const [whole, cut] = [new MarksFrame(80, 60), new MarksFrame(80, 60)]
        for (const frame of [whole, cut]) frame.begin(order)
        expect(whole.draw()).toBe(true)
        let slices = 1
        while (!cut.draw(() => true, rows)) slices++
        expect(slices).toBe(Math.ceil(60 / rows))
        expect(cut.raster.pixels).toEqual(whole.raster.pixels)
      },
    ),
    { numRuns: 100 },
  )
})

const view = fc.record({
  scale: fc.double({ min: 0.2, max: 5, noNaN: true }),
  x: fc.double({ min: -500, max: 300, noNaN: true }),
  y: fc.double({ min: -500, max: 300, noNaN: true }),
})

test('a drawing that is moved and scaled shows every point where the view has it, and covers what it claims to', () => {
  const viewport = { width: 400, height: 300 }
  fc.assert(
    fc.property(
      view,
      fc.constantFrom(1, 1, 0.9, 1.2, 1.4),
      fc.double({ min: -150, max: 150, noNaN: true }),
      fc.constantFrom(0, 128),
      fc.constantFrom(1, 1.25, 2),
      (drawn, zoom, pan, margin, pixelRatio) => {
        const drawing = { view: drawn, viewport, margin }
        const now = { scale: drawn.scale * zoom, x: drawn.x + pan, y: drawn.y - pan / 2 }
        const shown = { view: now, viewport, pixelRatio }
        const { ratio, x, y } = placeOf(drawing, shown)
        /** A pixel of the canvas, which begins `margin` before the viewport, on the screen. */
        const onScreen = (at: { x: number; y: number }) => ({
          x: x - margin + ratio * (at.x + margin),
          y: y - margin + ratio * (at.y + margin),
        })
        const point = toPicture(drawn, { x: 37, y: 211 })
        const [moved, wanted] = [onScreen({ x: 37, y: 211 }), toScreen(now, point)]
        const most = zoom === 1 ? 0.5 / pixelRatio + 1e-6 : 1e-6
        expect(Math.abs(moved.x - wanted.x)).toBeLessThanOrEqual(most)
        expect(Math.abs(moved.y - wanted.y)).toBeLessThanOrEqual(most)
        const first = onScreen({ x: -margin, y: -margin })
        const last = onScreen({ x: viewport.width + margin, y: viewport.height + margin })
        const isFilled =
          Math.max(first.x, first.y) <= 1e-3 &&
          last.x >= viewport.width - 1e-3 &&
          last.y >= viewport.height - 1e-3
        expect(covers(drawing, shown)).toBe(isFilled && zoom < 1.4)
      },
    ),
  )
})

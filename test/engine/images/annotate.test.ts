import { createHash } from 'node:crypto'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import {
  annotatedPicture,
  drawAnnotation,
  type Annotation,
} from '../../../src/engine/images/annotate'
import { boxStyles, dashRanges } from '../../../src/engine/images/annotate-boxes'
import { colours, type Colour } from '../../../src/engine/images/annotate-colours'
import { compareDetections } from '../../../src/engine/images/annotate-differences'
import { glyphOf } from '../../../src/engine/images/annotate-glyphs'
import { fitText, textWidth } from '../../../src/engine/images/annotate-text'
import type { BoxXyxy, Detection } from '../../../src/shared/vision/box'
import type { RgbImage } from '../../../src/shared/vision/image'

const grey = (width: number, height: number, value = 120): RgbImage => ({
  data: new Uint8Array(3 * width * height).fill(value),
  width,
  height,
})
const found = (box: BoxXyxy, score = 0.8, classId = 0): Detection => ({ box, score, classId })
const classNames = ['person', 'handbag', 'traffic light']

const scene: Annotation = {
  image: grey(600, 400),
  cleaned: grey(600, 400, 119),
  before: [found([20, 40, 120, 300], 0.91), found([300, 200, 420, 330], 0.44, 1)],
  after: [found([20, 40, 120, 300], 0.9), found([200, 60, 290, 350], 0.84)],
  classNames,
  masks: { completed: square(600, 400, 220, 150, 270, 200) },
}

function square(width: number, height: number, x1: number, y1: number, x2: number, y2: number) {
  const bits = new Uint8Array(width * height)
  for (let y = y1; y < y2; y++) bits.fill(1, y * width + x1, y * width + x2)
  return { width, height, bits }
}

/** Pixels of exactly one colour, per half of the picture. */
function count(picture: RgbImage, colour: Colour): [left: number, right: number] {
  const counts: [number, number] = [0, 0]
  for (let i = 0; i < picture.data.length; i += 3) {
    const same = colour.every((value, c) => picture.data[i + c] === value)
    if (same) counts[(i / 3) % picture.width < picture.width / 2 ? 0 : 1]++
  }
  return counts
}

describe('the picture', () => {
  test('shows both runs side by side, each colour on its side', async () => {
    const picture = await drawAnnotation(scene)
    expect(picture.width).toBeGreaterThan(2 * 600)
    expect(picture.height).toBeGreaterThan(400)
    const sides = (colour: Colour) => count(picture, colour).map((pixels) => pixels > 50)
    expect(sides(colours.undefended)).toEqual([true, false])
    expect(sides(colours.lost)).toEqual([true, false])
    expect(sides(colours.defended)).toEqual([false, true])
    expect(sides(colours.gained)).toEqual([false, true])
    expect(sides(colours.completed)).toEqual([false, true])
  })

  test('is the same bytes every time and on every machine', async () => {
    const picture = await drawAnnotation(scene)
    const again = await drawAnnotation(scene)
    expect(Buffer.compare(picture.data, again.data)).toBe(0)
    // Nothing but additions, products and square roots made it, so this holds on any machine. A change of the drawing
    // changes it: look at the picture before you write the new value here.
    const digest = createHash('sha256').update(picture.data).digest('hex')
    expect(digest).toBe('23bfa5a03be681de14c58527244a2f19d18823b2a446e9dd93b2a180cf30cbd2')
  })

  test('leaves its inputs alone', async () => {
    const image = grey(100, 80)
    await drawAnnotation({ ...scene, image, cleaned: image, masks: {} })
    expect(image).toEqual(grey(100, 80))
  })

  test('one run alone is one photograph', async () => {
    const alone = { image: scene.image, before: null, after: scene.after, classNames, masks: {} }
    const picture = await drawAnnotation(alone)
    expect(picture.width).toBe(600)
    expect(count(picture, colours.undefended)[0]).toBeGreaterThan(50)
    expect(count(picture, colours.defended)).toEqual([0, 0])
    const defended = await drawAnnotation({ ...alone, masks: scene.masks })
    expect(defended.width).toBe(600)
    expect(count(defended, colours.defended)[0]).toBeGreaterThan(50)
    expect(count(defended, colours.gained)).toEqual([0, 0])
  })

  test('panoramas are stacked, giants shrunk, stamps enlarged', async () => {
    const sizeOf = async (width: number, height: number) => {
      const image = grey(width, height)
      const { before, after } = scene
      const picture = await drawAnnotation({ image, before, after, classNames, masks: {} })
      return [picture.width, picture.height] as const
    }
    const [wide, high] = await sizeOf(1000, 200)
    expect(wide).toBe(1000)
    expect(high).toBeGreaterThan(400)
    expect((await sizeOf(4000, 3000))[0]).toBeLessThan(2700)
    expect((await sizeOf(32, 32))[0]).toBeGreaterThan(900)
    expect((await sizeOf(1, 1))[0]).toBeGreaterThan(900)
    expect((await sizeOf(9000, 2))[0]).toBe(1280)
  })

  test('is encoded as JPEG or PNG', async () => {
    const drawn = await drawAnnotation(scene)
    const png = await annotatedPicture(scene, { format: 'png' })
    const decoded = await sharp(png).raw().toBuffer()
    expect(Buffer.compare(decoded, drawn.data)).toBe(0)
    const jpeg = await annotatedPicture(scene)
    const { format, width, height } = await sharp(jpeg).metadata()
    expect([format, width, height]).toEqual(['jpeg', drawn.width, drawn.height])
  })

  test('boxes anywhere, of any size, never reach outside their photograph', async () => {
    const far = fc.double({ min: -2000, max: 2000, noNaN: true })
    const boxes = fc.array(
      fc.tuple(far, far, far, far).map(([a, b, c, d]) => found([a, b, c, d], 0.5, 7)),
      { maxLength: 6 },
    )
    const plain = await drawAnnotation({ ...scene, before: [], after: [], masks: {} })
    const gap = plain.width - 2 * 600
    await fc.assert(
      fc.asyncProperty(boxes, boxes, async (before, after) => {
        const picture = await drawAnnotation({ ...scene, before, after, masks: {} })
        for (let y = 0; y < 400; y++) {
          for (let x = 600; x < 600 + gap; x++) {
            const at = 3 * (y * picture.width + x)
            if (picture.data[at] !== colours.gap[0]) throw new Error(`drawn at ${x}, ${y}`)
          }
        }
      }),
      { numRuns: 15 },
    )
  })

  test('a raw mask is drawn where there is no completed one', async () => {
    const picture = await drawAnnotation({ ...scene, masks: { raw: scene.masks['completed']! } })
    expect(count(picture, colours.completed)).toEqual([0, 0])
    expect(count(picture, colours.raw)[1]).toBeGreaterThan(20)
  })
})

describe('differences', () => {
  test('pairs by overlap, one class first', () => {
    const before = [found([0, 0, 100, 100]), found([200, 0, 300, 100]), found([0, 200, 100, 300])]
    const after = [
      found([0, 0, 100, 99]), // the same
      found([220, 0, 320, 100]), // moved
      found([0, 200, 100, 300], 0.7, 1), // another class
      found([500, 0, 600, 100]), // new
    ]
    expect(compareDetections(before, after)).toEqual({
      same: [{ before: 0, after: 0 }],
      moved: [{ before: 1, after: 1 }],
      relabelled: [{ before: 2, after: 2 }],
      lost: [],
      gained: [3],
    })
  })

  test('a box of the same class is preferred to a closer one of another class', () => {
    const after = [found([0, 0, 100, 100], 0.9, 1), found([0, 0, 100, 70])]
    const { moved, gained } = compareDetections([found([0, 0, 100, 100])], after)
    expect(moved).toEqual([{ before: 0, after: 1 }])
    expect(gained).toEqual([0])
  })

  test('every box is in exactly one group; the same lists differ in nothing', () => {
    const near = fc.integer({ min: 0, max: 30 })
    const boxes = fc.array(
      fc.tuple(near, near, near, near, fc.nat(1)).map(([x, y, w, h, classId]) => {
        return found([x, y, x + w + 1, y + h + 1], 0.5, classId)
      }),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(boxes, boxes, (before, after) => {
        const { same, moved, relabelled, lost, gained } = compareDetections(before, after)
        const pairs = [...same, ...moved, ...relabelled]
        const all = (indices: readonly number[]) => [...indices].sort((a, b) => a - b)
        expect(all([...pairs.map((pair) => pair.before), ...lost])).toEqual([...before.keys()])
        expect(all([...pairs.map((pair) => pair.after), ...gained])).toEqual([...after.keys()])
        expect(compareDetections(after, after).same.length).toBe(after.length)
      }),
    )
  })
})

describe('text and lines', () => {
  test('every printable ASCII character has its own glyph inside its bounds', () => {
    const seen = new Set<string>()
    for (let code = 33; code < 127; code++) {
      const { width, segments } = glyphOf(String.fromCharCode(code))
      expect(segments.length).toBeGreaterThan(0)
      segments.forEach((value, i) => {
        expect(value).toBeGreaterThanOrEqual(i % 2 === 0 ? -0.7 : -1.1)
        expect(value).toBeLessThanOrEqual(i % 2 === 0 ? width + 0.2 : 18)
      })
      seen.add(segments.join())
    }
    expect(seen.size).toBe(94)
  })

  test('accents fall back to the letter, unknown letters to a box', () => {
    expect(glyphOf('é')).toEqual(glyphOf('e'))
    expect(glyphOf('字')).toEqual(glyphOf('語'))
    expect(textWidth('naïve 字', 14)).toBeGreaterThan(textWidth('naive', 14))
  })

  test('digits are of one width, and texts are cut to fit', () => {
    const widths = Array.from('0123456789').map((digit) => textWidth(digit, 10))
    expect(new Set(widths).size).toBe(1)
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 20, max: 200 }), (text, width) => {
        const fitted = fitText(text, 10, width)
        expect(textWidth(fitted, 10)).toBeLessThanOrEqual(Math.max(width, textWidth('W…', 10)))
        if (textWidth(text, 10) <= width) expect(fitted).toBe(text)
      }),
    )
  })

  test('dashes cover both ends of a line, in order, without overlap', () => {
    const styles = Object.values(boxStyles).map(({ dashes }) => dashes)
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 900 }),
        fc.constantFrom(...styles),
        (from, length, dashes) => {
          const to = from + length
          const ranges = dashRanges(from, to, dashes)
          expect(ranges[0]![0]).toBe(from)
          expect(ranges.at(-1)![1]).toBe(to)
          const flat = ranges.flat()
          expect(flat).toEqual([...flat].sort((a, b) => a - b))
        },
      ),
    )
  })
})

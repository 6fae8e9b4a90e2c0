import fc from 'fast-check'
import type {
  Attributes,
  BoxXywh,
  ContentImage,
  ContentObject,
  DatasetContent,
  Shape,
} from '../../src/shared/dataset'
import { polygonsToRle } from '../../src/shared/vision/polygon'
import { encodeMask, rleArea, rleBox } from '../../src/shared/vision/rle'

/** What a format can hold, as generators of its parts. */
export interface Supported {
  readonly file: fc.Arbitrary<string>
  readonly split: fc.Arbitrary<string | null>
  readonly categoryName: fc.Arbitrary<string>
  /** Box and shape of an object in a picture; the area is measured. */
  readonly geometry: (width: number, height: number) => fc.Arbitrary<Geometry>
  readonly attributes?: fc.Arbitrary<Attributes>
  readonly imageAttributes?: fc.Arbitrary<Attributes>
  readonly score?: fc.Arbitrary<number>
}

export interface Geometry {
  readonly box: BoxXywh
  readonly shape?: Shape
}

export const plainFile = fc
  .tuple(
    fc.array(fc.constantFrom('a', 'b', 'Ö', 'with blank', 'x.y'), { maxLength: 2 }),
    fc.constantFrom('one', 'two', '図', '-three', 'four & <more>', "it's"),
    fc.constantFrom('.jpg', '.png', '.JPEG'),
  )
  .map(([folders, name, ending]) => [...folders, name + ending].join('/'))

export function contents(supported: Supported): fc.Arbitrary<DatasetContent> {
  const names = fc.uniqueArray(supported.categoryName, { minLength: 1, maxLength: 4 })
  const images = fc.uniqueArray(
    fc
      .record({
        file: supported.file,
        split: supported.split,
        width: fc.integer({ min: 1, max: 14 }),
        height: fc.integer({ min: 1, max: 14 }),
        attributes: supported.imageAttributes ?? fc.constant({}),
      })
      .chain((image) =>
        fc
          .array(
            fc.record({
              geometry: supported.geometry(image.width, image.height),
              category: fc.nat(3),
              attributes: supported.attributes ?? fc.constant({}),
              score: supported.score ?? fc.constant(undefined),
            }),
            { maxLength: 4 },
          )
          .map((objects) => ({ image, objects })),
      ),
    // Endings and case are left out: what differs in them only shares a label file in some formats.
    { maxLength: 4, selector: ({ image }) => image.file.toLowerCase().replace(/\.[^.]*$/, '') },
  )
  return fc.record({ names, images }).map(({ names: categoryNames, images: drafts }) => {
    const categories = categoryNames.map((name, i) => ({ id: 3 * i + 1, name }))
    let objectId = 0
    const list = drafts.map(({ image, objects }, i): ContentImage => ({
      ...image,
      id: i + 1,
      objects: objects.map(({ geometry, category, attributes, score }): ContentObject => {
        objectId++
        return {
          id: objectId,
          categoryId: categories[category % categories.length]?.id ?? 0,
          ...geometry,
          area: measured(geometry, image),
          isCrowd: false,
          isPatch: false,
          ...(score === undefined ? {} : { score }),
          attributes,
        }
      }),
    }))
    return { name: 'any', categories, images: () => list }
  })
}

function measured({ box, shape }: Geometry, frame: { width: number; height: number }): number {
  if (shape?.mask !== undefined) return rleArea(shape.mask)
  if (shape?.polygons !== undefined) return rleArea(polygonsToRle(shape.polygons, frame))
  return box[2] * box[3]
}

/** A box inside the picture whose edges are drawn by `edge`, at least one `edge` step apart. */
export function boxInside(
  width: number,
  height: number,
  edge: (side: number) => fc.Arbitrary<number>,
): fc.Arbitrary<Geometry> {
  const span = (side: number) =>
    fc
      .tuple(edge(side), edge(side))
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => [Math.min(a, b), Math.abs(b - a)] as const)
  return fc
    .tuple(span(width), span(height))
    .map(([[x, w], [y, h]]) => ({ box: [x, y, w, h] as const }))
}

/** One polygon with its tight box. */
export function polygonInside(
  width: number,
  height: number,
  edge: (side: number) => fc.Arbitrary<number>,
): fc.Arbitrary<Geometry> {
  return fc
    .array(fc.tuple(edge(width), edge(height)), { minLength: 3, maxLength: 7 })
    .map((points) => {
      const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
      const [left, top] = [Math.min(...xs), Math.min(...ys)]
      const box = [left, top, Math.max(...xs) - left, Math.max(...ys) - top] as const
      return { box, shape: { polygons: [points.flat()] } }
    })
    .filter(({ box }) => box[2] > 0 && box[3] > 0)
}

/** A mask of any pixels, at least one, with its tight box. */
export function maskInside(width: number, height: number): fc.Arbitrary<Geometry> {
  return fc
    .array(fc.integer({ min: 0, max: 1 }), { minLength: width * height, maxLength: width * height })
    .filter((bits) => bits.includes(1))
    .map((bits) => {
      const mask = encodeMask({ width, height, bits: Uint8Array.from(bits) })
      return { box: rleBox(mask), shape: { mask } }
    })
}

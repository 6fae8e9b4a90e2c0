import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { datasetExporters } from '../../../src/datasets'
import { writeExport } from '../../../src/engine/export/write-export'
import { diskSource } from '../../../src/engine/import/disk-source'
import type { BoxXywh, DatasetContent } from '../../../src/shared/dataset'
import { decodeRle, encodeMask, rleArea } from '../../../src/shared/vision/rle'
import { temporaryFolder } from '../temporary-folder'
import { runImport } from '../import/run-import'

const folder = temporaryFolder()
let places = 0

/** Upright sizes; the sides of the first two are exchanged in files that note a quarter turn. */
const sizes = [
  [12, 8],
  [8, 12],
  [10, 10],
] as const
const orientations = [1, 2, 3, 4, 5, 6, 7, 8]

/** A JPEG that is shown with this size. */
async function photograph([width, height]: readonly [number, number], orientation: number) {
  const [storedWidth, storedHeight] = orientation >= 5 ? [height, width] : [width, height]
  const create = {
    width: storedWidth,
    height: storedHeight,
    channels: 3,
    background: 'teal',
  } as const
  return sharp({ create }).withMetadata({ orientation }).jpeg().toBuffer()
}

const originals = join(folder, 'originals')
mkdirSync(originals)
const names = await Promise.all(
  sizes.flatMap((size) =>
    orientations.map(async (orientation) => {
      const file = `${size.join('x')}-${orientation}.jpg`
      writeFileSync(join(originals, file), await photograph(size, orientation))
      return { file, size, orientation }
    }),
  ),
)

/** All pictures, each with one patch or object in this box: as a mask with one corner missing, so that mirrors show. */
function contentWith([left, top, width, height]: BoxXywh, hasMasks: boolean): DatasetContent {
  const images = names.map(({ file, size: [w, h], orientation }, i) => {
    const bits = new Uint8Array(w * h)
    for (let y = top; y < top + height; y++) bits.fill(1, y * w + left, y * w + left + width)
    bits[top * w + left] = 0
    const mask = encodeMask({ width: w, height: h, bits })
    return {
      ...{ id: i + 1, file, width: w, height: h, orientation, split: null, attributes: {} },
      objects: [
        {
          ...{ id: i + 1, categoryId: 1, isCrowd: false, isPatch: true, attributes: {} },
          box: [left, top, width, height] as const,
          ...(hasMasks ? { shape: { mask } } : {}),
          area: hasMasks ? rleArea(mask) : width * height,
        },
      ],
    }
  })
  return { name: 'x', categories: [{ id: 1, name: 'adversarial patch' }], images: () => images }
}

/** Formats with boxes that can be imported again, and whether their masks come back. */
const formats = [
  ['coco', true],
  ['cvat', true],
  ['datumaro', true],
  ['fiftyone', true],
  ['label-studio', true],
  ['labelme', true],
  ['open-images', true],
  ['voc', true],
  ['yolo', false],
  ['apricot-mask', true],
] as const

describe.each(formats)('%s', (format, hasMasks) => {
  test('boxes of pictures with all eight orientations come back where they were', async () => {
    const exporter = datasetExporters.get(format)
    if (!exporter) throw new Error(`no exporter ${format}`)
    const corner = fc.integer({ min: 0, max: 4 })
    const side = fc.integer({ min: 2, max: 4 })
    await fc.assert(
      fc.asyncProperty(corner, corner, side, side, async (x, y, width, height) => {
        const content = contentWith([x, y, width, height], hasMasks)
        const path = join(folder, `export-${places++}`)
        const params = exporter.params.parse({})
        const locate = ({ file }: { file: string }) => join(originals, file)
        await writeExport(
          content,
          exporter,
          params,
          { kind: 'path', path },
          { locate, durable: false },
        )
        const { records, refusal, counts } = await runImport(() => diskSource(path), format)
        expect(refusal).toBeNull()
        expect(counts).toMatchObject({ images: names.length, patches: names.length, missing: 0 })
        const files = new Map(
          records.flatMap((r) => (r.kind === 'image' ? [[r.image.sourceId, r.image]] : [])),
        )
        for (const record of records) {
          if (record.kind !== 'patch') continue
          const image = files.get(record.imageId)
          const given = [...content.images()].find(({ file }) => image?.file.endsWith(file))
          const [object] = given?.objects ?? []
          expect([image?.width, image?.height]).toEqual([given?.width, given?.height])
          record.patch.box.forEach((value, i) => {
            expect(value, image?.file).toBeCloseTo(object?.box[i] ?? NaN, 4)
          })
          const [mask, wanted] = [record.patch.shape?.mask, object?.shape?.mask]
          if (wanted) expect(mask && [...decodeRle(mask).bits]).toEqual([...decodeRle(wanted).bits])
        }
      }),
      { numRuns: 4 },
    )
  })
})

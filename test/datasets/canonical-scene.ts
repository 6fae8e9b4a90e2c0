import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { rleFromCounts, rleFromText } from '../../src/shared/vision/rle-text'
import type { Rle } from '../../src/shared/vision/rle'
import type { ContentObject, DatasetContent } from '../../src/shared/dataset'
import type { ReadAll } from './read-all'

export const formatsFolder = fileURLToPath(new URL('../fixtures/formats/', import.meta.url))

interface Canonical {
  readonly images: readonly { id: number; file_name: string; width: number; height: number }[]
  readonly categories: readonly { id: number; name: string }[]
  readonly objects: readonly {
    id: number
    image_id: number
    category_id: number
    bbox: [number, number, number, number]
    shape: string
    polygon?: number[]
    area: number
    iscrowd: number
  }[]
  readonly tolerance_px: Readonly<Record<string, number>>
}

export const canonical = JSON.parse(
  readFileSync(join(formatsFolder, 'canonical.json'), 'utf8'),
) as Canonical // our own fixture

/** All files below a folder of the fixtures, under `prefix`. */
export function fixtureFiles(folder: string, prefix = ''): Record<string, Uint8Array> {
  const root = join(formatsFolder, folder)
  const names = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    names.map((name) => [
      `${prefix}${name.slice(root.length).replaceAll('\\', '/').replace(/^\//, '')}`,
      new Uint8Array(readFileSync(name)),
    ]),
  )
}

/** The true masks of the scene: polygons and boxes have none. */
export function canonicalMask(id: number): Rle {
  const coco = JSON.parse(readFileSync(join(formatsFolder, 'coco/annotations.json'), 'utf8')) as {
    annotations: {
      id: number
      segmentation: { size: [number, number]; counts: string | number[] }
    }[]
  }
  const found = coco.annotations.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no object ${id}`)
  const { size, counts } = found.segmentation
  const frame = { height: size[0], width: size[1] }
  return typeof counts === 'string' ? rleFromText(counts, frame) : rleFromCounts(counts, frame)
}

/** Images, classes and boxes are those of the scene, within the tolerance of the format. */
export function expectScene(read: ReadAll, format: string, fileOf = (name: string) => name): void {
  const tolerance = canonical.tolerance_px[format] ?? 0
  const names = new Map(read.categories.map(({ sourceId, name }) => [sourceId, name]))
  expect(new Set(names.values())).toEqual(new Set(canonical.categories.map(({ name }) => name)))
  expect(read.images).toHaveLength(canonical.images.length)
  for (const image of canonical.images) {
    const found = read.images.find(({ file }) => file === fileOf(image.file_name))
    expect(found, image.file_name).toBeDefined()
    expect([found?.width, found?.height]).toEqual([image.width, image.height])
    const objects = canonical.objects.filter(({ image_id }) => image_id === image.id)
    expect(found?.objects).toHaveLength(objects.length)
    objects.forEach((object, i) => {
      const got = found?.objects[i]
      const category = canonical.categories.find(({ id }) => id === object.category_id)
      expect(names.get(got?.categoryId ?? '')).toBe(category?.name)
      const [x, y, w, h] = object.bbox
      const [gx, gy, gw, gh] = got?.box ?? [0, 0, 0, 0]
      const edges =
        format === 'voc'
          ? [gx - x, gy - y, gx + gw - x - w, gy + gh - y - h]
          : [gx - x, gy - y, gw - w, gh - h]
      for (const difference of edges)
        expect(Math.abs(difference)).toBeLessThanOrEqual(tolerance + 1e-12)
    })
  }
}

/** The scene as exporters get it. */
export function canonicalContent(): DatasetContent {
  const images = canonical.images.map(({ file_name: file, ...image }) => ({
    ...image,
    file,
    split: null,
    attributes: {},
    objects: canonical.objects
      .filter(({ image_id }) => image_id === image.id)
      .map(({ id, category_id: categoryId, bbox: box, shape, polygon, area, iscrowd }) => {
        const object: ContentObject = {
          ...{ id, categoryId, box, area },
          isCrowd: iscrowd === 1,
          isPatch: categoryId === 12,
          attributes: {},
        }
        if (polygon !== undefined) return { ...object, shape: { polygons: [polygon] } }
        return shape === 'mask' ? { ...object, shape: { mask: canonicalMask(id) } } : object
      }),
  }))
  return { name: 'scene', categories: canonical.categories, images: () => images }
}

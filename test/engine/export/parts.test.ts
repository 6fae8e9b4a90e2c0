import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { datasetExporters } from '../../../src/datasets'
import { diskSource } from '../../../src/engine/import/disk-source'
import { writeExport } from '../../../src/engine/export/write-export'
import { decodeImageBytes } from '../../../src/engine/images/decode-image'
import { rgbToPng } from '../../../src/engine/images/encode-png'
import { readDatasetPicture } from '../../../src/engine/studies/study-pictures'
import type { ContentImage, DatasetContent } from '../../../src/shared/dataset'
import { fixtures } from '../../support/project-program'
import { temporaryFolder } from '../temporary-folder'
import { type ImportResult, runImport } from '../import/run-import'

const folder = temporaryFolder()

/** Each pixel says where it is. */
function gradient(width: number, height: number) {
  const data = new Uint8Array(3 * width * height)
  for (let k = 0; k < width * height; k++)
    data.set([k % width, Math.floor(k / width), k % 251], 3 * k)
  return { data, width, height }
}

function exporter(id: string) {
  const found = datasetExporters.get(id)
  if (!found) throw new Error(`there is no exporter ${id}`)
  return found
}

const imagesOf = ({ records }: ImportResult) =>
  records.flatMap((record) => (record.kind === 'image' ? [record.image] : []))

const image = (id: number, more: Partial<ContentImage>): ContentImage => ({
  ...{ id, file: 'wide.png', width: 10, height: 12, split: null, attributes: {} },
  objects: [
    {
      id,
      categoryId: 1,
      box: [1, 2, 3, 4],
      area: 12,
      isCrowd: false,
      isPatch: false,
      attributes: {},
    },
  ],
  ...more,
})

test('tiles become files of their own, which the format names and readers find', async () => {
  const set = join(folder, 'tiles')
  mkdirSync(set)
  const wide = gradient(40, 12)
  writeFileSync(join(set, 'wide.png'), await rgbToPng(wide))
  const tile = (x: number) => ({ kind: 'tile' as const, x, y: 0, width: 10, height: 12 })
  const content: DatasetContent = {
    name: 'set',
    categories: [{ id: 1, name: 'cat' }],
    images: () => [
      image(1, { pixels: tile(0) }),
      image(2, { pixels: tile(20) }),
      image(3, { width: 40 }),
    ],
  }
  for (const format of ['coco', 'yolo', 'voc']) {
    const out = join(folder, format)
    const outcome = await writeExport(
      content,
      exporter(format),
      exporter(format).params.parse({}),
      {
        kind: 'path',
        path: out,
      },
      { locate: ({ file }) => join(set, file), inputs: [set] },
    )
    expect(outcome.losses.map(({ what }) => what)).not.toContain('pixel-references')
    expect(outcome.pictures).toEqual({ copied: 1, missing: 0, parts: 2 })
    const back = await runImport(await diskSource(out), format)
    expect(back.counts).toMatchObject({ images: 3, missing: 0, objects: 3 })
    const cut = imagesOf(back).find(({ file }) => file.endsWith('wide-20-0.png'))
    const source = await diskSource(out)
    const pixels = await readDatasetPicture(source, { file: cut?.file ?? '' })
    const expected = await readDatasetPicture(await diskSource(set), {
      file: 'wide.png',
      pixels: tile(20),
    })
    expect(pixels).toEqual(expected)
  }
})

test('rows of HDF5 files become pictures; without pictures, their labels still have names of their own', async () => {
  const set = join(fixtures, 'miniatures/om-imagenet')
  const images = imagesOf(await runImport(await diskSource(set), 'om-imagenet'))
  const rows = images.filter(({ pixels }) => pixels?.kind === 'hdf5').slice(0, 4)
  expect(rows).toHaveLength(4)
  const content: DatasetContent = {
    name: 'rows',
    categories: [{ id: 1, name: 'cat' }],
    images: () =>
      rows.map(({ file, pixels }, k) =>
        image(k + 1, { file, width: 256, height: 256, ...(pixels ? { pixels } : {}) }),
      ),
  }
  const params = exporter('yolo').params.parse({})
  const [full, bare] = [join(folder, 'rows'), join(folder, 'rows-bare')]
  await writeExport(
    content,
    exporter('yolo'),
    params,
    { kind: 'path', path: full },
    {
      locate: ({ file }) => join(set, file),
    },
  )
  await writeExport(content, exporter('yolo'), params, { kind: 'path', path: bare })
  const filesOf = (path: string, ending: string) =>
    readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending))
  const pictures = filesOf(full, '.png').sort()
  expect(pictures).toHaveLength(4)
  expect(filesOf(bare, '.png')).toEqual([])
  const labels = (path: string) => filesOf(path, '.txt').filter((name) => name.includes('labels'))
  expect(labels(bare)).toHaveLength(4)
  expect(labels(bare).sort()).toEqual(labels(full).sort())
  const [first] = rows
  if (!first) throw new Error('there is no row')
  const expected = await readDatasetPicture(await diskSource(set), first)
  const written = await (await diskSource(full)).read(pictures[0] ?? '')
  expect((await decodeImageBytes(written, 'x.png')).image).toEqual(expected)
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import importer from '../../../src/datasets/om-imagenet/importer'
import { readHdf5Latent, readHdf5Picture } from '../../../src/datasets/reading/hdf5'
import { readTorch, tensorOf, tensorValues } from '../../../src/datasets/reading/torch'
import type { FileSource } from '../../../src/shared/dataset'
import { memoryFiles } from '../../support/memory-files'
import { fuzzing, mutatedBytes } from '../../support/mutations'
import { miniature, miniatureFiles } from '../fixture-files'
import { hostileCases } from '../hostile-cases'
import { importAll } from '../import-all'

const expected = JSON.parse(new TextDecoder().decode(miniature('om-imagenet/expected.json'))) as {
  readonly classes: readonly string[]
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly natural: { readonly test: Readonly<Record<string, number>> }
  readonly torch_latents: {
    readonly files: number
    readonly z: readonly number[]
    readonly labels: readonly number[]
  }
}

describe('the miniature', () => {
  test('has a row for each picture, in order, of both sets', async () => {
    const { images, problems } = await importAll(importer, miniatureFiles('om-imagenet'))
    expect(problems).toEqual([])
    const counts: Record<string, Record<string, number>> = {}
    for (const { sourceId, label } of images) {
      const set = (counts[sourceId.split('/').slice(0, -2).join('/')] ??= {})
      set[String(label?.index)] = (set[String(label?.index)] ?? 0) + 1
      expect(label?.name).toBe(expected.classes[label?.index ?? -1])
    }
    expect(counts).toEqual({ ...expected.counts, 'natural/test': expected.natural.test })
    const own = images.filter(({ sourceId }) => !sourceId.startsWith('natural'))
    expect(own.map(({ sourceId }) => sourceId)).toEqual([
      ...Array.from({ length: 10 }, (_, i) => `train/${i}/0`),
      'test/0/0',
      'test/0/1',
      'test/3/0',
      'test/9/0',
    ])
  })

  test('pictures and latents are references to rows', async () => {
    const files = miniatureFiles('om-imagenet')
    const { images } = await importAll(importer, files)
    expect(images.find(({ sourceId }) => sourceId === 'test/0/1')).toEqual({
      sourceId: 'test/0/1',
      file: 'test/0.h5',
      pixels: { kind: 'hdf5', dataset: 'images', index: 1 },
      width: 24,
      height: 24,
      split: 'test',
      label: { index: 0, name: 'dog' },
      attributes: {
        wordnet: 'n02084071',
        latents: { dataset: 'latents', index: 1, shape: [14, 512] },
      },
    })
    const natural = images.find(({ sourceId }) => sourceId.startsWith('natural'))
    expect(natural?.attributes).toEqual({ wordnet: 'n02958343' })
    for (const { file, pixels, width, height, attributes } of images) {
      if (pixels?.kind !== 'hdf5') throw new Error('not a row')
      const picture = await readHdf5Picture(files, file, pixels.dataset, pixels.index)
      expect([picture.width, picture.height]).toEqual([width, height])
      if (attributes['latents']) {
        expect((await readHdf5Latent(files, file, pixels.index)).shape).toEqual([14, 512])
      }
    }
  })

  test('from a parent folder the ids are the same', async () => {
    const files = miniatureFiles('om-imagenet')
    const deeper: Record<string, Uint8Array> = {}
    for await (const name of files.list()) {
      if (!name.startsWith('natural')) deeper[`data/om/${name}`] = await files.read(name)
    }
    const { images } = await importAll(importer, memoryFiles(deeper), { split: 'test' })
    expect(images.map(({ sourceId }) => sourceId)).toEqual([
      'test/0/0',
      'test/0/1',
      'test/3/0',
      'test/9/0',
    ])
  })

  test('latent files of the generator can be read without running them', async () => {
    const files = miniatureFiles('om-imagenet')
    const names = ['latents/0000000.pt', 'latents/0000001.pt']
    expect(names).toHaveLength(expected.torch_latents.files)
    for (const [k, name] of names.entries()) {
      const value = await readTorch(files, name)
      const [z, y] = [tensorOf(value, 'z'), tensorOf(value, 'y')]
      if (!z || !y) throw new Error(`${name} lacks a tensor`)
      expect(z.shape).toEqual(expected.torch_latents.z)
      expect(await tensorValues(files, z)).toHaveLength(14 * 512)
      expect([...(await tensorValues(files, y))]).toEqual([expected.torch_latents.labels[k]])
    }
  })

  test('is recognised; others are not', async () => {
    expect((await importer.recognizes(miniatureFiles('om-imagenet'))).certainty).toBeGreaterThan(
      0.9,
    )
    for (const folder of ['apricot-mask', 'd3s', 'hostile/masks']) {
      expect((await importer.recognizes(miniatureFiles(folder))).certainty).toBe(0)
    }
    await expect(importAll(importer, miniatureFiles('d3s'))).rejects.toMatchObject({
      code: 'E_HDF5_NO_IMAGES',
    })
  })
})

describe('hostile files', () => {
  const cases = hostileCases('hdf5')

  test.each(cases)('$path: $what', async ({ path, decision, code, imported }) => {
    const name = path.split('/').at(-1) ?? path
    const files = memoryFiles({ [`test/${name}`]: miniature(`hostile/${path}`) })
    const { images, problems } = await importAll(importer, files)
    expect(problems.map((p) => [p.decision, p.code, p.file])).toEqual([
      [decision, code, `test/${name}`],
    ])
    expect(images).toHaveLength(decision === 'skip-file' ? 0 : (imported ?? 2))
  })

  test('in one folder do not disturb each other', async () => {
    const { images, problems } = await importAll(importer, miniatureFiles('hostile/hdf5'))
    expect(problems).toHaveLength(cases.length)
    expect(images).toHaveLength(2 + 1 + 2 + 2)
    expect(images[2]?.sourceId).toBe('4/1')
  })

  test('numbers are not looked at if not asked for', async () => {
    const memory = memoryFiles({ 'test/4.h5': miniature('hostile/hdf5/4.h5') })
    const read: number[] = []
    const counting: FileSource = {
      ...memory,
      readAt: (name, offset, length) => {
        read.push(length)
        return memory.readAt(name, offset, length)
      },
    }
    const { images } = await importAll(importer, counting, { checkNumbers: false })
    expect(images).toHaveLength(2)
    expect(Math.max(...read)).toBeLessThan(768)
  })
})

test('fuzz: a damaged file is left out or told, and the others come', async () => {
  const good = miniature('om-imagenet/train/1.h5')
  await fc.assert(
    fc.asyncProperty(mutatedBytes(miniature('hostile/hdf5/0.h5')), async (bytes) => {
      const files = memoryFiles({ 'train/0.h5': bytes, 'train/1.h5': good })
      const { images, problems } = await importAll(importer, files)
      expect(images.at(-1)?.sourceId).toBe('train/1/0')
      expect(problems.every(({ file }) => file === 'train/0.h5')).toBe(true)
    }),
    fuzzing,
  )
})

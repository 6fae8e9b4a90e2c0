import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  findDatasets,
  readHdf5Latent,
  readHdf5Picture,
  readRow,
  rowCount,
  rowToPicture,
} from '../../../../src/datasets/reading/hdf5'
import { AppError } from '../../../../src/shared/errors'
import type { FileSource } from '../../../../src/shared/dataset'
import { memoryFiles } from '../../../support/memory-files'
import { fuzzing, mutatedBytes, propertyRuns } from '../../../support/mutations'
import { miniature, miniatureFiles } from '../../fixture-files'
import { writeHdf5, type WrittenDataset } from './hdf5-writer'

async function rowsOf(bytes: Uint8Array, name = 'images') {
  const dataset = (await findDatasets(memoryFiles({ 'a.h5': bytes }), 'a.h5', [name])).get(name)
  if (!dataset) throw new Error(`there is no ${name}`)
  const rows: number[][] = []
  for (let i = 0; i < rowCount(dataset); i++) rows.push([...(await readRow(dataset, i))])
  return { dataset, rows }
}

const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i))
const sides = { shape: [5, 3, 7, 6], data: numbers(5 * 3 * 7 * 6) }

describe('rows as the reference library writes them', () => {
  test.each<[string, WrittenDataset]>([
    ['contiguous', sides],
    ['in chunks of a row', { ...sides, chunks: [1, 3, 7, 6] }],
    ['in chunks across all axes', { ...sides, chunks: [2, 2, 4, 5] }],
    ['packed', { ...sides, chunks: [2, 3, 3, 3], compression: 'gzip' }],
    ['of doubles', { shape: [4, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 1e300) }],
    ['of bytes', { shape: [2, 3], data: Uint8Array.of(0, 1, 2, 253, 254, 255) }],
    ['of signed numbers', { shape: [2, 2], data: Int16Array.of(-1, 2, -32_768, 32_767) }],
    ['of one axis', { shape: [3], data: Int32Array.of(-5, 0, 5), chunks: [2] }],
  ])('%s', async (_, written) => {
    const { dataset, rows } = await rowsOf(await writeHdf5({ images: written }))
    expect(dataset.shape).toEqual(written.shape)
    expect(rows.flat()).toEqual([...written.data])
  })

  test('many chunks, in a tree of several levels', async () => {
    const data = numbers(3000)
    const written = { data, shape: [1500, 2], chunks: [1, 1] }
    expect((await rowsOf(await writeHdf5({ images: written }))).rows.flat()).toEqual([...data])
  })

  test('big-endian', async () => {
    const swapped = Uint8Array.from([0.5, -3e7].flatMap((v) => bigEndianBytes(v)))
    const data = new Float32Array(swapped.buffer)
    const bytes = await writeHdf5({ images: { data, shape: [2, 1] } })
    // Class and version, flags, and size of the items: the lowest flag is the byte order.
    const at = indexOf(bytes, [0x11, 0x20, 0x1f, 0x00, 4, 0, 0, 0])
    bytes[at + 1] = 0x21
    expect((await rowsOf(bytes)).rows.flat()).toEqual([0.5, -3e7])
  })

  test('in a group of many members are refused in so many words', async () => {
    const all: Record<string, WrittenDataset> = {}
    for (let i = 0; i < 60; i++) all[`set-${i}`] = { shape: [1, 1], data: Float32Array.of(i) }
    const bytes = await writeHdf5(all)
    await expect(rowsOf(bytes)).rejects.toMatchObject({ code: 'E_HDF5_CORRUPT' })
    await expect(rowsOf(bytes)).rejects.toThrow('many members in the newest form')
  })

  test('any shape and chunks', { timeout: 60_000 }, async () => {
    const axis = fc.integer({ min: 1, max: 5 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(axis, axis), { minLength: 2, maxLength: 4 }),
        fc.boolean(),
        async (axes, packed) => {
          const shape = axes.map(([side]) => side)
          const chunks = axes.map(([side, chunk]) => Math.min(side, chunk))
          const data = numbers(shape.reduce((product, side) => product * side, 1))
          const written = {
            shape,
            data,
            chunks,
            ...(packed ? { compression: 'gzip' as const } : {}),
          }
          const { rows } = await rowsOf(await writeHdf5({ images: written }))
          expect(rows.flat()).toEqual([...data])
        },
      ),
      { numRuns: propertyRuns },
    )
  })
})

describe('pictures and latents', () => {
  test('a row becomes a picture by round(255 clamp((v + 1) / 2))', async () => {
    const plane = (values: number[]) => values
    const values = [...plane([-1, 1.03]), ...plane([0, -1.03]), ...plane([0.5, 1])]
    expect(rowToPicture(Float64Array.from(values), 2, 1).data).toEqual(
      Uint8Array.of(0, 128, 191, 255, 0, 255),
    )
    const files = miniatureFiles('om-imagenet')
    const picture = await readHdf5Picture(files, 'test/9.h5', 'images', 0)
    expect([picture.width, picture.height, picture.data.length]).toEqual([64, 64, 64 * 64 * 3])
    expect(new Set(picture.data).size).toBeGreaterThan(50)
  })

  test('bytes and floats from 0 to 255 are shown as they are', async () => {
    const files = miniatureFiles('hostile/hdf5')
    expect((await readHdf5Picture(files, '5.h5', 'images', 0)).data[0]).toBe(127)
    expect((await readHdf5Picture(files, '6.h5', 'images', 1)).data[0]).toBe(200)
  })

  test('a latent has a vector for each layer', async () => {
    const { shape, values } = await readHdf5Latent(miniatureFiles('om-imagenet'), 'test/0.h5', 1)
    expect(shape).toEqual([14, 512])
    expect(values.some((v) => v !== 0)).toBe(true)
  })

  test.each([
    ['3.h5', 'images', 0, 'E_HDF5_NO_IMAGES'],
    ['1.h5', 'images', 0, 'E_TENSOR_SHAPE'],
    ['0.h5', 'images', 2, 'E_TENSOR_COUNT'],
    ['7.h5', 'images', 0, 'E_HDF5_CORRUPT'],
  ])('%s, %s row %i: %4$s', async (name, dataset, row, code) => {
    const read = readHdf5Picture(miniatureFiles('hostile/hdf5'), name, dataset, row)
    await expect(read).rejects.toMatchObject({ code })
    await expect(read).rejects.toThrow(name)
  })
})

test('only a row of a large file is read', async () => {
  const bytes = await writeHdf5({
    images: { data: numbers(300 * 3 * 32 * 32), shape: [300, 3, 32, 32] },
  })
  const memory = memoryFiles({ '0.h5': bytes })
  let read = 0
  const counting: FileSource = {
    ...memory,
    read: () => Promise.reject(new Error('the whole file is read')),
    readAt: async (name, offset, length) => {
      read += length
      return memory.readAt(name, offset, length)
    },
  }
  await readHdf5Picture(counting, '0.h5', 'images', 299)
  expect(read).toBeLessThan(3 * 32 * 32 * 4 + 20_000)
})

test('fuzz: damaged files never give anything but an AppError', async () => {
  const sources = [
    miniature('hostile/hdf5/0.h5'),
    await writeHdf5({ images: { ...sides, chunks: [2, 2, 4, 5], compression: 'gzip' } }),
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(...sources.map((source) => fc.oneof(mutatedBytes(source), replacedBytes(source)))),
      async (bytes) => {
        const files = memoryFiles({ 'a.h5': bytes })
        try {
          for (const dataset of (
            await findDatasets(files, 'a.h5', ['images', 'latents'])
          ).values()) {
            for (let i = 0; i < Math.min(3, rowCount(dataset)); i++) await readRow(dataset, i)
          }
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          expect(error.message).toContain('a.h5')
        }
      },
    ),
    fuzzing,
  )
})

/** Changes in the first two kilobytes, where addresses and counts are. */
function replacedBytes(source: Uint8Array) {
  const change = fc.tuple(fc.nat(2047), fc.oneof(fc.constantFrom(0, 1, 255), fc.nat(255)))
  return fc.array(change, { minLength: 1, maxLength: 6 }).map((changes) => {
    const bytes = source.slice()
    for (const [at, value] of changes) bytes[at % bytes.length] = value
    return bytes
  })
}

function bigEndianBytes(value: number): number[] {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, value)
  return [...new Uint8Array(view.buffer)]
}

function indexOf(bytes: Uint8Array, wanted: readonly number[]): number {
  for (let at = 0; at < bytes.length; at++) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at
  }
  throw new Error('the bytes do not occur')
}

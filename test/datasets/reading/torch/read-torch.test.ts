import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  PickleDict,
  readTorch,
  tensorChunks,
  tensorOf,
  tensorValues,
} from '../../../../src/datasets/reading/torch'
import { AppError } from '../../../../src/shared/errors'
import { memoryFiles } from '../../../support/memory-files'
import { fuzzing, propertyRuns } from '../../../support/mutations'
import { miniature, miniatureFiles } from '../../fixture-files'
import { hostileCases } from '../../hostile-cases'
import { encodeUtf8, floatBytes, joinBytes, storedZip } from './bytes'
import { PickleWriter, writeDict } from './pickle-writer'

async function answer(bytes: Uint8Array): Promise<string> {
  const files = memoryFiles({ 'a.pt': bytes })
  try {
    const value = await readTorch(files, 'a.pt')
    if (value instanceof PickleDict) {
      for (const key of value.entries.keys()) {
        const tensor = tensorOf(value, String(key))
        if (tensor) await drain(tensorChunks(files, tensor))
      }
    }
    return 'accept'
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    expect(error.message).toContain('a.pt')
    return error.code
  }
}

async function onlyTensor(bytes: Uint8Array) {
  const files = memoryFiles({ 'a.pt': bytes })
  const tensor = tensorOf(await readTorch(files, 'a.pt'), 'a')
  if (!tensor) throw new Error('the dictionary has no tensor a')
  return { tensor, values: [...(await tensorValues(files, tensor))] }
}

describe('the miniatures', () => {
  const masks = miniatureFiles('apricot-mask/masks-torch/pub/apricot-mask')

  test.each([
    ['dev/data_mask_v2/dev_0001.pt', [1, 48, 64, 3], 289],
    ['dev/data_mask_v2/dev_0002.pt', [1, 64, 48, 3], 112],
    ['test/data_mask_v2/test_0007.pt', null, 324],
    ['test/data_mask_v2/test_0008.pt', null, 112],
  ])('%s holds a picture and a mask', async (name, shape, pixels) => {
    const value = await readTorch(masks, name)
    const [image, mask] = [tensorOf(value, 'Image'), tensorOf(value, 'Mask')]
    if (!image || !mask) throw new Error('Image or Mask is missing')
    if (shape) expect(image.shape).toEqual(shape)
    expect(mask.type).toBe('f4')
    const set = (await tensorValues(masks, mask)).filter((v) => v >= 0.5).length
    expect(set).toBe(pixels)
    const picture = await tensorValues(masks, image)
    expect(picture.every((v) => v >= 0 && v <= 1)).toBe(true)
  })

  test.each([
    ['latents/0000000.pt', 0],
    ['latents/0000001.pt', 3],
  ])('%s: latents in the legacy and the zip container', async (name, label) => {
    const files = miniatureFiles('om-imagenet')
    const value = await readTorch(files, name)
    const [z, y] = [tensorOf(value, 'z'), tensorOf(value, 'y')]
    if (!z || !y) throw new Error('z or y is missing')
    expect([z.shape, y.shape]).toEqual([[1, 14, 512], [1]])
    expect([...(await tensorValues(files, y))]).toEqual([label])
    expect((await tensorValues(files, z)).every(Number.isFinite)).toBe(true)
  })
})

test.each(hostileCases('torch'))('$path: $what', async ({ path, decision, code }) => {
  expect(decision).toBe('skip-file')
  expect(await answer(miniature(`hostile/${path}`))).toBe(code)
})

describe('arrays', () => {
  const values = [1.5, -2, 0.25, 3e20, 0, 127]

  test.each(['numpy.core.multiarray', 'numpy._core.multiarray'])('of %s', async (module) => {
    const bytes = writeDict({
      a: (to) => to.array({ dtype: 'f8', shape: [2, 1], bytes: doubleBytes([0.1, -7]), module }),
    })
    const { tensor, values: read } = await onlyTensor(bytes)
    expect(tensor.shape).toEqual([2, 1])
    expect(read).toEqual([0.1, -7])
  })

  test('big-endian and column by column are told in the file', async () => {
    const big = {
      dtype: 'f4',
      order: '>' as const,
      shape: [2, 3],
      bytes: floatBytes(values, false),
    }
    expect((await onlyTensor(writeDict({ a: (to) => to.array(big) }))).values).toEqual(
      values.map(Math.fround),
    )
    const columns = { dtype: 'f4', shape: [2, 3], bytes: floatBytes(values), fortran: true }
    expect((await onlyTensor(writeDict({ a: (to) => to.array(columns) }))).values).toEqual(
      [0, 2, 4, 1, 3, 5].map((i) => Math.fround(values[i] ?? NaN)),
    )
  })

  test('any bytes survive the way through text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 0, maxLength: 3000 }), async (bytes) => {
        const shape = [bytes.length, 1]
        const file = writeDict({ a: (to) => to.array({ dtype: 'u1', order: '|', shape, bytes }) })
        expect((await onlyTensor(file)).values).toEqual([...bytes])
      }),
      { numRuns: propertyRuns },
    )
  })

  test('across pieces of the file nothing is lost', async () => {
    const many = Float32Array.from({ length: 300_001 }, (_, i) => Math.sin(i))
    const bytes = new Uint8Array(many.buffer)
    const { values: read } = await onlyTensor(
      writeDict({ a: (to) => to.array({ dtype: 'f4', shape: [many.length], bytes }) }),
    )
    expect(Float32Array.from(read)).toEqual(many)
  })

  test('with a count that does not fit are malformed', async () => {
    for (const shape of [[5], [7], [6, 2 ** 30], [3, -2]]) {
      const array = { dtype: 'f4', shape, bytes: floatBytes(values) }
      expect(await answer(writeDict({ a: (to) => to.array(array) }))).toBe('E_PICKLE_MALFORMED')
    }
  })

  test('that claim more than the file holds are malformed', async () => {
    const empty = { dtype: 'u1', shape: [2 ** 31 - 1], bytes: new Uint8Array(100) }
    expect(await answer(writeDict({ a: (to) => to.array(empty) }))).toBe('E_PICKLE_MALFORMED')
  })
})

describe('tensors', () => {
  const storage = floatBytes([0, 1, 2, 3, 4, 5, 6, 7])
  const zip = (write: (to: PickleWriter) => unknown, more: Record<string, Uint8Array> = {}) =>
    storedZip({ 'x/data.pkl': writeDict({ a: write }), 'x/data/0': storage, ...more })
  const tensor = { storage: 'FloatStorage', key: '0', count: 8, shape: [2, 2], strides: [3, 1] }

  test('follow their strides and offsets', async () => {
    const { values } = await onlyTensor(zip((to) => to.tensor({ ...tensor, offset: 2 })))
    expect(values).toEqual([2, 3, 5, 6])
  })

  test('of a big-endian file are swapped', async () => {
    const more = { 'x/byteorder': encodeUtf8('big'), 'x/data/0': floatBytes([5, 9], false) }
    const two = { ...tensor, count: 2, shape: [2], strides: [1] }
    expect((await onlyTensor(zip((to) => to.tensor(two), more))).values).toEqual([5, 9])
  })

  test.each([
    ['HalfStorage', [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x7c], [1, -2, 2 ** -24, Infinity]],
    ['BFloat16Storage', [0x80, 0x3f, 0x00, 0xc0], [1, -2]],
    ['LongStorage', [255, 255, 255, 255, 255, 255, 255, 255], [-1]],
    ['ShortStorage', [0xfe, 0xff, 3, 0], [-2, 3]],
    ['IntStorage', [0xfe, 0xff, 255, 255], [-2]],
    ['CharStorage', [254], [-2]],
    ['ByteStorage', [254], [254]],
    ['BoolStorage', [1, 0], [1, 0]],
    ['DoubleStorage', [0, 0, 0, 0, 0, 0, 0xf0, 0x3f], [1]],
  ])('%s is read', async (kind, bytes, expected) => {
    const count = expected.length
    const one = { storage: kind, key: '0', count, shape: [count], strides: [1] }
    const file = zip((to) => to.tensor(one), { 'x/data/0': Uint8Array.from(bytes) })
    expect((await onlyTensor(file)).values).toEqual(expected)
  })

  test.each([
    ['reaching beyond the storage', { ...tensor, offset: 5 }],
    ['repeating items', { ...tensor, shape: [1000, 2], strides: [0, 1] }],
    ['of another count', { ...tensor, count: 9 }],
    ['of a missing entry', { ...tensor, key: '1' }],
    ['with a stride too few', { ...tensor, strides: [1] }],
  ])('%s are malformed', async (_, wrong) => {
    expect(await answer(zip((to) => to.tensor(wrong)))).toBe('E_PICKLE_MALFORMED')
  })

  test('packed entries are refused', async () => {
    const packed = storedZip({ 'x/data.pkl': writeDict({}), 'x/data/0': storage }, 8)
    expect(await answer(packed)).toBe('E_PICKLE_MALFORMED')
  })

  test('of the legacy container come in the order of its list', async () => {
    const write = (to: PickleWriter, key: string) =>
      to.tensor({ storage: 'FloatStorage', key, count: 2, shape: [2], strides: [1], legacy: true })
    const counted = (values: number[]) =>
      joinBytes([Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0), floatBytes(values)])
    const file = (second: Uint8Array) =>
      joinBytes([
        new PickleWriter().long(119547037146038801333356n).end(),
        new PickleWriter().int(1001).end(),
        writeDict({ little_endian: (to) => to.op(0x88) }),
        writeDict({ a: (to) => write(to, '77'), b: (to) => write(to, '5') }),
        new PickleWriter().op(']', '(').text('5').text('77').op('e').end(),
        counted([3, 4]),
        second,
      ])
    expect((await onlyTensor(file(counted([1, 2])))).values).toEqual([1, 2])
    expect(await answer(file(counted([1])))).toBe('E_PICKLE_MALFORMED')
    expect(await answer(file(new Uint8Array(0)))).toBe('E_PICKLE_MALFORMED')
  })
})

describe('what is refused', () => {
  test.each([
    ['os.system', new PickleWriter().name('os', 'system').end()],
    ['builtins.eval', new PickleWriter().text('builtins').text('eval').op(0x93).end()],
    ['torch.load', new PickleWriter().name('torch', 'load').op(')', 'R').end()],
    ['numpy.ndarray()', new PickleWriter().name('numpy', 'ndarray').op(')', 'R').end()],
    ['instruction 0x81', new PickleWriter().name('numpy', 'ndarray').op(')', 0x81).end()],
    ['os.system', joinBytes([Uint8Array.of(0x28), encodeUtf8('ios\nsystem\n.')])],
  ])('%s, by its name', async (name, bytes) => {
    const files = memoryFiles({ 'a.pkl': bytes })
    const refused = readTorch(files, 'a.pkl')
    await expect(refused).rejects.toThrow(name)
    await expect(refused).rejects.toMatchObject({ code: 'E_PICKLE_FORBIDDEN' })
  })

  test.each([
    ['nothing', new Uint8Array(0), 'E_FILE_EMPTY'],
    ['deep marks', Uint8Array.from({ length: 5000 }, () => 0x28), 'E_PICKLE_MALFORMED'],
    ['a huge text', Uint8Array.of(0x58, 255, 255, 255, 255, 65, 46), 'E_PICKLE_MALFORMED'],
    ['a huge memo', manyMemos(), 'E_PICKLE_MALFORMED'],
    [
      'too many instructions',
      Uint8Array.from({ length: 1_000_100 }, (_, i) => (i % 2 === 0 ? 0x4e : 0x30)),
      'E_PICKLE_MALFORMED',
    ],
    [
      'a cut zip',
      miniature('om-imagenet/latents/0000001.pt').subarray(0, 20_000),
      'E_PICKLE_MALFORMED',
    ],
    ['a tensor without container', looseTensor(), 'E_PICKLE_MALFORMED'],
    ['a list in itself', Uint8Array.of(0x5d, 0x71, 0, 0x68, 0, 0x61, 0x2e), 'accept'],
  ])('%s', async (_, bytes, code) => {
    expect(await answer(bytes)).toBe(code)
  })
})

test('fuzz: changed bytes never give anything but an AppError', async () => {
  const sources = [
    miniature('om-imagenet/latents/0000000.pt').subarray(0, 2000),
    miniature('om-imagenet/latents/0000001.pt'),
    miniature('apricot-mask/masks-torch/pub/apricot-mask/dev/data_mask_v2/dev_0001.pt'),
    writeDict({
      a: (to) => to.array({ dtype: 'f4', shape: [1, 2], bytes: floatBytes([1, 2]) }),
      b: (to) => to.array({ dtype: 'u1', shape: [2], bytes: Uint8Array.of(1, 2), fortran: true }),
    }),
  ]
  const changes = fc.array(fc.tuple(fc.nat(700), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 8,
  })
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...sources),
      changes,
      fc.boolean(),
      async (source, list, tail) => {
        const bytes = source.slice()
        for (const [at, value] of list) {
          bytes[tail ? Math.max(0, bytes.length - 1 - at) : at % bytes.length] = value
        }
        await answer(bytes)
      },
    ),
    fuzzing,
  )
})

test('fuzz: random instructions never give anything but an AppError', async () => {
  const codes = [...Buffer.from('.(02NJKMGXTUC)t]ae}uqrhjcRbQl')]
  const byte = fc.oneof(
    fc.constantFrom(...codes, 0x80, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x93, 0x94),
    fc.integer({ min: 0, max: 255 }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(byte, { maxLength: 200 }), async (list) => {
      await answer(Uint8Array.from(list))
    }),
    fuzzing,
  )
})

function doubleBytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(values).buffer)
}

function manyMemos(): Uint8Array {
  const bytes = [0x4e]
  for (let i = 0; i < 10_001; i++) bytes.push(0x72, i & 255, i >> 8, 0, 0)
  return Uint8Array.from([...bytes, 0x2e])
}

function looseTensor(): Uint8Array {
  const tensor = { storage: 'FloatStorage', key: '0', count: 1, shape: [1], strides: [1] }
  return writeDict({ a: (to) => to.tensor(tensor) })
}

async function drain(chunks: AsyncIterable<unknown>): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]()
  while (!(await iterator.next()).done);
}

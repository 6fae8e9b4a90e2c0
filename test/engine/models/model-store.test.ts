import { createHash } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { copyPrivately } from '../../../src/engine/models/model-copy'
import { openModelStore } from '../../../src/engine/models/model-store'
import { AppError } from '../../../src/shared/errors'
import { writeOnnx } from '../../support/onnx-writer'
import { canvas, families } from '../../support/scripted-families'
import { scriptedModel } from '../../support/scripted-model'
import { createTestStore } from '../../support/test-store'

let files: Awaited<ReturnType<typeof createTestStore>>
beforeEach(async () => {
  files = await createTestStore()
})
afterEach(() => {
  files.remove()
})

const yolov8 = scriptedModel(families.yolov8.script)
const ssd = scriptedModel(families['ssd raw'].script)
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function cardOf(model: Uint8Array, fields: object = {}) {
  return {
    id: 'mine',
    task: 'detect',
    file: 'model.onnx',
    sha256: digest(model),
    licence: 'MIT',
    origin: 'written by this test',
    input: { name: 'images', ...canvas, range: 1, channelOrder: 'rgb', resize: 'stretch' },
    output: { family: 'yolov8' },
    classes: ['cat', 'dog'],
    ...fields,
  }
}

async function failure(action: Promise<unknown>): Promise<AppError> {
  const error: unknown = await action.then(
    () => new Error('nothing was wrong'),
    (reason: unknown) => reason,
  )
  if (error instanceof AppError) return error
  throw error
}

const code = async (action: Promise<unknown>) => (await failure(action)).code

describe('resolve', () => {
  test('a shipped model by its id, one of the project before it', async () => {
    files.write('package/models/mine/model.onnx', yolov8)
    files.write('package/models/mine/model.json', cardOf(yolov8))
    const shipped = await files.store.resolve('mine')
    expect(shipped.card).toMatchObject({ id: 'mine', scoreThreshold: 0.5 })
    expect(digest(readFileSync(shipped.path))).toBe(digest(yolov8))
    files.write('project/models/mine/model.onnx', yolov8)
    files.write('project/models/mine/model.json', cardOf(yolov8, { scoreThreshold: 0.7 }))
    expect((await files.store.resolve('mine')).card.scoreThreshold).toBe(0.7)
  })

  test("a file with a card beside it, under the file's name or as model.json", async () => {
    const path = files.write('a/net.onnx', yolov8)
    files.write('a/net.json', cardOf(yolov8, { file: 'net.onnx' }))
    expect((await files.store.resolve(path)).card.id).toBe('mine')
    const other = files.write('b/net.onnx', yolov8)
    files.write('b/model.json', cardOf(yolov8, { file: 'net.onnx' }))
    expect((await files.store.resolve(other)).card.id).toBe('mine')
  })

  test('a file without a card by its digest in the catalogue', async () => {
    const entry = {
      sizeBytes: ssd.length,
      commit: '1234567',
      card: cardOf(ssd, { output: families['ssd raw'].output }),
    }
    files.write('package/models/catalog.json', { version: 1, models: [entry] })
    const store = await openModelStore(files)
    const path = files.write('a/net.onnx', ssd)
    expect((await store.resolve(path)).card.output.family).toBe('ssd-raw')
    expect((await store.inspect(path)).cardFrom).toBe('catalog')
    const error = await failure(store.resolve('mine'))
    expect(error).toMatchObject({ code: 'E_MODEL_UNKNOWN' })
    expect(error.message).toContain('catalogue')
  })

  test('a file without a card when exactly one family fits', async () => {
    const { card } = await files.store.resolve(files.write('Net 1/model.onnx', yolov8))
    expect(card).toMatchObject({ task: 'detect', licence: 'unknown', output: { family: 'yolov8' } })
    expect(card.id).toBe(`net-1-${digest(yolov8).slice(0, 8)}`)
    expect(card.origin).toContain('without objectness')
  })

  test("copies by content: hard and symbolic links of the user's own file are followed", async () => {
    const path = files.write('a/net.onnx', yolov8)
    linkSync(path, join(path, '../hard.onnx'))
    symlinkSync(path, join(path, '../soft.onnx'))
    for (const name of ['hard.onnx', 'soft.onnx']) {
      const copy = (await files.store.resolve(join(path, '..', name))).path
      expect(copy).toBe(join(files.cacheDir, 'models', `${digest(yolov8)}.onnx`))
      expect(statSync(copy).nlink).toBe(1)
    }
    expect(readdirSync(join(files.cacheDir, 'models'))).toHaveLength(1)
  })

  test('replaces a private copy that is no longer what its name says', async () => {
    const path = files.write('a/net.onnx', yolov8)
    const { path: copy } = await files.store.resolve(path)
    truncateSync(copy, 100)
    expect(digest(readFileSync((await files.store.resolve(path)).path))).toBe(digest(yolov8))
    linkSync(copy, `${copy}.other`)
    expect(statSync((await files.store.resolve(path)).path).nlink).toBe(1)
  })
})

describe('what resolve refuses', () => {
  test.each([
    ['nosuch', 'E_MODEL_UNKNOWN'],
    ['nosuch.onnx', 'E_MODEL_NOT_FOUND'],
    ['some/folder', 'E_MODEL_NOT_FOUND'],
  ])('%s', async (name, expected) => {
    expect(await code(files.store.resolve(name))).toBe(expected)
  })

  test('what is no model: a text, a folder, a cut file', async () => {
    const text = files.write('a/text.onnx', new TextEncoder().encode('version https://git-lfs'))
    const cut = files.write('a/cut.onnx', yolov8.subarray(0, 900))
    mkdirSync(join(text, '../folder.onnx'))
    for (const path of [text, cut, join(text, '../folder.onnx')]) {
      const error = await failure(files.store.resolve(path))
      expect(error).toMatchObject({ code: 'E_MODEL_NOT_ONNX' })
      expect(error.message).toContain(path)
    }
  })

  test('a file above the size limit', async () => {
    const path = files.write('a/net.onnx', yolov8)
    expect(await code(copyPrivately(path, files.cacheDir, 1000))).toBe('E_MODEL_TOO_LARGE')
  })

  test('a changed file or card', async () => {
    const path = files.write('a/model.onnx', yolov8)
    files.write('a/model.json', cardOf(ssd))
    expect(await code(files.store.resolve(path))).toBe('E_MODEL_CHECKSUM')
  })

  test.each([
    ['no JSON', new TextEncoder().encode('{'), 'not JSON'],
    ['a missing field', { ...cardOf(yolov8), licence: undefined }, 'licence'],
    ['a wrong number', cardOf(yolov8, { scoreThreshold: 2 }), 'scoreThreshold'],
    ['an unknown family', cardOf(yolov8, { output: { family: 'yolo9000' } }), 'yolo9000'],
    [
      'a family field',
      cardOf(yolov8, { output: { family: 'yolov8', layout: 'odd' } }),
      'output.layout',
    ],
    ['a path as file', cardOf(yolov8, { file: '../model.onnx' }), 'plain file name'],
  ])('a card with %s', async (_, card, word) => {
    const path = files.write('a/model.onnx', yolov8)
    files.write('a/model.json', card)
    const error = await failure(files.store.resolve(path))
    expect(error).toMatchObject({ code: 'E_MODEL_CARD_INVALID' })
    expect(error.message).toContain(word)
  })

  test.each([
    ['an input that is not there', { name: 'pixels' }, 'images'],
    ['another size', { width: 640 }, '[1, 3, 64, 96]'],
    ['another layout', { layout: 'nhwc' }, 'nhwc'],
    ['another type', { type: 'uint8' }, 'float32'],
    ['a dynamic input', { dynamic: true }, 'fixed'],
  ])('a card with %s', async (_, input, word) => {
    const path = files.write('a/model.onnx', yolov8)
    const card = cardOf(yolov8)
    files.write('a/model.json', { ...card, input: { ...card.input, ...input } })
    const error = await failure(files.store.resolve(path))
    expect(error).toMatchObject({ code: 'E_MODEL_CARD_MISMATCH' })
    expect(error.message).toContain(word)
  })

  test('a card that names an output that is not there', async () => {
    const path = files.write('a/model.onnx', ssd)
    const output = { ...families['ssd raw'].output, boxes: 'location' }
    files.write('a/model.json', cardOf(ssd, { output }))
    const error = await failure(files.store.resolve(path))
    expect(error).toMatchObject({ code: 'E_MODEL_CARD_MISMATCH' })
    expect(error.message).toContain('location')
  })

  test('a file without a card that leaves decisive questions, asking them', async () => {
    const error = await failure(files.store.resolve(files.write('a/net.onnx', ssd)))
    expect(error).toMatchObject({ code: 'E_MODEL_AMBIGUOUS' })
    expect(error.message).toContain('ssd-raw')
    expect(error.hint).toContain('anchors')
  })

  test('a file of no known family, naming what it returns', async () => {
    const model = scriptedModel({
      input: { name: 'images', dims: [1, 3, 64, 96] },
      outputs: [
        { name: 'probabilities', dims: [1, 1000], data: new Array<number>(1000).fill(0.001) },
      ],
    })
    const error = await failure(files.store.resolve(files.write('a/net.onnx', model)))
    expect(error).toMatchObject({ code: 'E_MODEL_AMBIGUOUS' })
    expect(error.message).toContain('probabilities [1, 1000]')
  })

  test('foreign operators, weights elsewhere, and links to them', async () => {
    const graph = { inputs: [{ name: 'x', dims: [1, 3, 8, 8] }], outputs: [{ name: 'y' }] }
    const custom = { op: 'Steal', domain: 'evil.ops', inputs: ['x'], outputs: ['y'] }
    const domain = files.write('a/net.onnx', writeOnnx({ ...graph, nodes: [custom] }))
    expect(await code(files.store.resolve(domain))).toBe('E_MODEL_DOMAIN')
    const external = writeOnnx({
      ...graph,
      nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
      initializers: [{ name: 'w', dims: [2], data: [0, 0], external: 'weights.bin' }],
    })
    const path = files.write('b/net.onnx', external)
    expect(await code(files.store.resolve(path))).toBe('E_MODEL_EXTERNAL_DATA')
    const secret = files.write('secret.bin', new Uint8Array(8))
    linkSync(secret, join(path, '../weights.bin'))
    expect(await code(files.store.resolve(path))).toBe('E_MODEL_LINK')
    rmSync(join(path, '../weights.bin'))
    symlinkSync(secret, join(path, '../weights.bin'))
    expect(await code(files.store.resolve(path))).toBe('E_MODEL_LINK')
  })

  test('a model folder whose file is a symbolic link', async () => {
    const outside = files.write('elsewhere.onnx', yolov8)
    files.write('project/models/mine/model.json', cardOf(yolov8))
    symlinkSync(outside, join(files.projectDir, 'models/mine/model.onnx'))
    expect(await code(files.store.resolve('mine'))).toBe('E_MODEL_LINK')
  })
})

describe('list and verify', () => {
  test('name every model, and one broken model does not hide the others', async () => {
    files.write('package/models/good/model.onnx', yolov8)
    files.write('package/models/good/model.json', cardOf(yolov8, { id: 'good' }))
    files.write('package/models/gone/model.json', cardOf(yolov8, { id: 'gone' }))
    files.write('project/models/odd/model.json', { id: 'odd' })
    files.write('project/models/renamed/model.json', cardOf(yolov8))
    files.write('package/models/training/README.md', new Uint8Array(1))
    const listed = (await files.store.list()).map(({ id, source, available }) => [
      id,
      source,
      available,
    ])
    expect(listed).toEqual([
      ['odd', 'project', false],
      ['renamed', 'project', false],
      ['gone', 'shipped', false],
      ['good', 'shipped', true],
    ])
    const verified = (await files.store.verify()).map(({ id, ok, error }) => [id, ok, error?.code])
    expect(verified).toEqual([
      ['odd', false, 'E_MODEL_CARD_INVALID'],
      ['renamed', false, 'E_MODEL_CARD_INVALID'],
      ['gone', false, 'E_MODEL_NOT_FOUND'],
      ['good', true, undefined],
    ])
    writeFileSync(join(files.packageRoot, 'models/good/model.onnx'), ssd)
    expect((await files.store.verify()).at(-1)).toMatchObject({
      ok: false,
      error: { code: 'E_MODEL_CHECKSUM' },
    })
  })
})

describe('add', () => {
  test('stores a recognised model, which then has an id', async () => {
    const path = files.write('a/net.onnx', yolov8)
    const card = await files.store.add(path, {
      id: 'animals',
      overrides: { licence: 'MIT', classes: ['cat', 'dog'] },
    })
    expect(card).toMatchObject({ id: 'animals', licence: 'MIT', classes: ['cat', 'dog'] })
    expect((await files.store.resolve('animals')).card).toEqual(card)
    expect(readdirSync(join(files.projectDir, 'models'))).toEqual(['animals'])
    expect(
      await files.store.add(path, {
        id: 'animals',
        overrides: { licence: 'MIT', classes: ['cat', 'dog'] },
      }),
    ).toEqual(card)
    expect(await code(files.store.add(path, { id: 'animals' }))).toBe('E_MODEL_EXISTS')
  })

  test('takes answers to open questions, and asks those that are left', async () => {
    const path = files.write('a/net.onnx', ssd)
    const { anchors, activation, background } = families['ssd raw'].output
    const input = { range: 1, channelOrder: 'rgb', resize: 'stretch' }
    const part = { input, output: { anchors, activation } }
    const error = await failure(files.store.add(path, { id: 'mine', overrides: part }))
    expect(error).toMatchObject({ code: 'E_MODEL_AMBIGUOUS' })
    expect(error.hint).toContain('background')
    expect(error.hint).not.toContain('anchors')
    const overrides = {
      input,
      output: { anchors, activation, background },
      classes: ['cat', 'dog'],
    }
    const card = await files.store.add(path, { id: 'mine', overrides })
    expect(card.output).toMatchObject({ family: 'ssd-raw', boxes: 'loc', scores: 'conf' })
  })

  test('tries the card on a picture first, and leaves nothing behind when it does not fit', async () => {
    const path = files.write('a/net.onnx', yolov8)
    const overrides = { classes: ['cat', 'dog', 'cow'] }
    expect(await code(files.store.add(path, { id: 'mine', overrides }))).toBe(
      'E_MODEL_CARD_MISMATCH',
    )
    files.write('b/model.json', cardOf(yolov8, { output: { family: 'fastestdet' } }))
    const other = files.write('b/model.onnx', yolov8)
    expect(await code(files.store.add(other))).toBe('E_MODEL_OUTPUT_SHAPE')
    expect(existsSync(join(files.projectDir, 'models'))).toBe(false)
  })
})

const shared = resolve(import.meta.dirname, '../../../../shared/data/models')
describe.skipIf(!existsSync(shared))(
  'the catalogue (skipped where ../shared/data is absent)',
  () => {
    test('knows the six third-party models by digest, with cards that fit', async () => {
      const packageRoot = resolve(import.meta.dirname, '../../..')
      const store = await openModelStore({ ...files, packageRoot })
      for (const folder of readdirSync(shared, { withFileTypes: true })) {
        if (!folder.isDirectory()) continue
        const path = join(shared, folder.name, 'model.onnx')
        const { card } = await store.resolve(path)
        expect(card.id).toBe(folder.name)
        expect(readFileSync(join(shared, folder.name, 'README.md'), 'utf8')).toContain(card.sha256)
      }
    })

    test('is not needed for a YOLOX: its shape and values tell', async () => {
      const path = join(shared, 'yolox-nano/model.onnx')
      const { card, proposals } = await files.store.inspect(path)
      expect(proposals.map(({ family }) => family)).toEqual(['yolox'])
      expect(proposals[0]!.reasons.join(' ')).toContain(
        '3549 rows are the cells of strides 8, 16 and 32',
      )
      expect(card).toMatchObject({
        input: {
          width: 416,
          channelOrder: 'bgr',
          range: 255,
          resize: 'letterbox',
          anchor: 'top-left',
          pad: 114,
        },
        output: { family: 'yolox', decoded: false },
      })
      expect(card!.classes).toHaveLength(80)
    })
  },
)

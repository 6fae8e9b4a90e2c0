import { createHash } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type OnnxModel, writeOnnx } from '../support/onnx-writer'
import {
  errorCodes,
  expectPlainMessages,
  filesBelow,
  packageRoot,
  patchwarden,
} from '../support/program'
import { canvas, families } from '../support/scripted-families'
import { scriptedModel } from '../support/scripted-model'
import { folderWithPhotos } from '../support/scene-photos'
import { canMount, withTinyDisk } from '../support/tiny-disk'

const { root } = folderWithPhotos(2)
const run = (...args: string[]) => patchwarden(args, { cwd: root })

const { script } = families.yolov8
const good = scriptedModel(script)

function write(name: string, contents: Uint8Array | object): string {
  const path = join(root, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, contents instanceof Uint8Array ? contents : JSON.stringify(contents))
  return name
}

/** A card for a model of the family yolov8. */
function cardOf(model: Uint8Array, fields: object = {}): object {
  return {
    id: 'mine',
    task: 'detect',
    file: 'model.onnx',
    sha256: createHash('sha256').update(model).digest('hex'),
    licence: 'MIT',
    origin: 'written by this test',
    input: { name: 'images', ...canvas, range: 1, channelOrder: 'rgb', resize: 'stretch' },
    output: { family: 'yolov8' },
    classes: ['cat', 'dog'],
    ...fields,
  }
}

const withOutput = (change: (value: number, index: number) => number): Uint8Array =>
  scriptedModel({
    ...script,
    outputs: script.outputs.map((output) => ({ ...output, data: output.data.map(change) })),
  })

const picture = { name: 'images', dims: [1, 3, canvas.height, canvas.width] }
const oneNode = (node: OnnxModel['nodes'][number], more: Partial<OnnxModel> = {}): Uint8Array =>
  writeOnnx({ inputs: [picture], outputs: [{ name: 'out' }], nodes: [node], ...more })

const external = (location: string): Uint8Array =>
  oneNode(
    { op: 'Add', inputs: ['images', 'weights'], outputs: ['out'] },
    { initializers: [{ name: 'weights', dims: [1], data: [], external: location }] },
  )

describe('models that are not run', () => {
  test.each([
    ['cut off', 'cut.onnx', () => good.subarray(0, good.length / 2), 'E_MODEL_NOT_ONNX'],
    ['empty', 'empty.onnx', () => new Uint8Array(), 'E_MODEL_NOT_ONNX'],
    ['with weights elsewhere', 'weights.onnx', () => external('w.bin'), 'E_MODEL_EXTERNAL_DATA'],
    [
      'with operators of their own',
      'own.onnx',
      () => oneNode({ op: 'Relu', domain: 'evil', inputs: ['images'], outputs: ['out'] }),
      'E_MODEL_DOMAIN',
    ],
  ])('%s', async (_, name, bytes, code) => {
    write(name, bytes())
    for (const args of [
      ['detect', 'photos', '--detector', name],
      ['models', 'add', name],
    ]) {
      const ended = await run(...args)
      expect(ended.code, ended.stderr).toBe(2)
      expect(errorCodes(ended.stderr)).toEqual([code])
      expect(ended.stderr).toContain(name)
      expectPlainMessages(ended.stderr)
    }
  })

  // Windows asks for a right to make links.
  test.skipIf(process.platform === 'win32')('that reach out by links (POSIX only)', async () => {
    write('secret.txt', new TextEncoder().encode('1234'))
    write('linked/hard.onnx', external('hard.bin'))
    linkSync(join(root, 'secret.txt'), join(root, 'linked/hard.bin'))
    write('linked/soft.onnx', external('soft.bin'))
    symlinkSync(join(root, 'secret.txt'), join(root, 'linked/soft.bin'))
    for (const name of ['hard', 'soft']) {
      const { code, stderr } = await run('detect', 'photos', '--detector', `linked/${name}.onnx`)
      expect(code).toBe(2)
      expect(errorCodes(stderr)).toEqual(['E_MODEL_LINK'])
      expect(stderr).not.toContain('1234')
    }
  })

  test('with an operator that nobody knows', async () => {
    const bytes = oneNode({ op: 'Frobnicate', inputs: ['images'], outputs: ['out'] })
    write('op/model.onnx', bytes)
    const inspected = await run('models', 'inspect', 'op/model.onnx')
    expect(inspected.code).toBe(1)
    expect(inspected.stdout).toMatch(/test run +failed: .*Frobnicate/)
    const bare = await run('detect', 'photos', '--detector', 'op/model.onnx')
    expect(bare.code).toBe(2)
    expect(errorCodes(bare.stderr)).toEqual(['E_MODEL_AMBIGUOUS'])
    write('op/model.json', cardOf(bytes))
    const withCard = await run(
      'detect',
      'photos',
      '--detector',
      'op/model.onnx',
      '--out',
      'op.json',
    )
    expect(withCard.code).toBe(2)
    expect(errorCodes(withCard.stderr)).toEqual(['E_MODEL_OPERATOR'])
    expectPlainMessages(withCard.stderr)
    expect(filesBelow(root).filter((name) => name.startsWith('op.'))).toEqual([])
  })
})

describe('cards that contradict their model', () => {
  test.each([
    ['another digest', { sha256: '0'.repeat(64) }, 'E_MODEL_CHECKSUM'],
    [
      'another input',
      { input: { name: 'data', ...canvas, range: 1, channelOrder: 'rgb', resize: 'stretch' } },
      'E_MODEL_CARD_MISMATCH',
    ],
    [
      'another size',
      {
        input: {
          ...{ name: 'images', width: 64, height: 64 },
          ...{ range: 1, channelOrder: 'rgb', resize: 'stretch' },
        },
      },
      'E_MODEL_CARD_MISMATCH',
    ],
    ['a family that does not exist', { output: { family: 'yolo99' } }, 'E_MODEL_CARD_INVALID'],
    ['a file elsewhere', { file: '../other.onnx' }, 'E_MODEL_CARD_INVALID'],
    ['a field that nobody knows', { treshold: 0.5 }, 'E_MODEL_CARD_INVALID'],
  ])('%s', async (what, fields, code) => {
    const folder = `card ${what}`
    write(`${folder}/model.onnx`, good)
    write(`${folder}/model.json`, cardOf(good, fields))
    const { code: exit, stderr } = await run(
      'detect',
      'photos',
      '--detector',
      `${folder}/model.onnx`,
    )
    expect(exit, stderr).toBe(2)
    expect(errorCodes(stderr)).toEqual([code])
    expectPlainMessages(stderr)
  })
})

describe('models that answer nonsense fail photograph by photograph', () => {
  test.each([
    ['not a number', withOutput(() => NaN), {}, 'E_MODEL_OUTPUT_NOT_FINITE'],
    ['boxes without end', withOutput((value) => value * Infinity), {}, 'E_MODEL_OUTPUT_NOT_FINITE'],
    [
      'fewer classes than the card has',
      good,
      { classes: ['cat', 'dog', 'bird', 'cow'] },
      'E_MODEL_CARD_MISMATCH',
    ],
  ])('%s', async (what, bytes, fields, code) => {
    write(`${what}/model.onnx`, bytes)
    write(`${what}/model.json`, cardOf(bytes, fields))
    const args = ['detect', 'photos', '--detector', `${what}/model.onnx`, '--format', 'jsonl']
    const { code: exit, stdout, stderr } = await run(...args)
    expect(exit, stderr).toBe(1)
    expect(errorCodes(stderr)).toEqual([code, code])
    expect(stdout).toBe('')
    expectPlainMessages(stderr)
  })
})

describe('the models of a project', () => {
  test('are added once, listed, used by name, and checked', async () => {
    write('net.onnx', good)
    const project = join(root, 'project')
    const inProject = (...args: string[]) => run('--project', project, ...args)
    const settings = ['input.range=1', 'input.channelOrder=rgb', 'classes=["cat","dog"]']
    const set = settings.flatMap((setting) => ['--set', setting])
    const added = await inProject('models', 'add', 'net.onnx', '--id', 'pets', ...set)
    expect(added.code, added.stderr).toBe(0)
    expect(added.stderr).toContain('--detector pets')
    expect(filesBelow(join(project, 'models'))).toEqual(['pets/model.json', 'pets/model.onnx'])
    expect((await inProject('models', 'add', 'net.onnx', '--id', 'pets', ...set)).code).toBe(0)
    write(
      'other.onnx',
      withOutput((value) => value / 2),
    )
    const taken = await inProject('models', 'add', 'other.onnx', '--id', 'pets', ...set)
    expect(errorCodes(taken.stderr)).toEqual(['E_MODEL_EXISTS'])

    const listed = await inProject('models', 'list')
    expect(listed.stdout).toMatch(/^pets +detect +yolov8 +added /m)
    const found = await inProject('detect', 'photos', '--detector', 'pets', '--format', 'jsonl')
    expect(found.code, found.stderr).toBe(0)
    const [first] = found.stdout.split('\n')
    // What the script answers, from its canvas to the photograph's 640 x 480 pixels.
    expect(JSON.parse(first ?? '')).toMatchObject({
      detections: [{ label: 'dog', score: 0.9 }, { label: 'cat' }],
    })
    const byVariable = await patchwarden(
      ['detect', 'photos', '--detector', 'pets', '--format', 'jsonl'],
      { cwd: root, env: { PATCHWARDEN_PROJECT: project } },
    )
    expect(byVariable.stdout).toBe(found.stdout)
    const elsewhere = await run('detect', 'photos', '--detector', 'pets')
    expect(errorCodes(elsewhere.stderr)).toEqual(['E_MODEL_UNKNOWN'])

    const inOrder = await inProject('models', 'verify')
    expect(inOrder.code, inOrder.stderr).toBe(0)
    expect(inOrder.stdout).toContain('pets: in order\n')
    const stored = join(project, 'models/pets/model.onnx')
    const bytes = readFileSync(stored)
    bytes[bytes.length - 40]! ^= 1
    writeFileSync(stored, bytes)
    const changed = await inProject('models', 'verify')
    expect(changed.code).toBe(1)
    expect(errorCodes(changed.stderr)).toEqual(['E_MODEL_CHECKSUM'])
    expect(changed.stderr).toContain('pets')
    const refused = await inProject('detect', 'photos', '--detector', 'pets')
    expect(refused.code).toBe(2)
    expect(errorCodes(refused.stderr)).toEqual(['E_MODEL_CHECKSUM'])
  })

  test('inspect tells what a file is taken for, as text and as JSON', async () => {
    write('inspected.onnx', good)
    const text = await run('models', 'inspect', 'inspected.onnx')
    expect(text.code).toBe(0)
    expect(text.stdout).toContain('It can be read as yolov8')
    const json = await run('models', 'inspect', 'inspected.onnx', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ probe: { ok: true }, cardFrom: 'proposal' })
  })
})

describe('places for models that cannot be written', () => {
  const inTheWay = join(root, 'in-the-way')

  test('the cache', async () => {
    writeFileSync(inTheWay, '')
    for (const command of [
      ['detect', 'photos'],
      ['models', 'inspect', 'inspected.onnx'],
    ]) {
      const { code, stderr } = await patchwarden(command, {
        cwd: root,
        env: { XDG_CACHE_HOME: inTheWay },
      })
      expect(code).toBe(2)
      expect(errorCodes(stderr)).toEqual(['E_WRITE_FAILED'])
      expect(stderr).toContain('XDG_CACHE_HOME')
    }
  })

  test('the project', async () => {
    write('net.onnx', good)
    const set = ['--set', 'input.range=1', '--set', 'input.channelOrder=rgb']
    const args = ['--project', inTheWay, 'models', 'add', 'net.onnx', '--id', 'pets', ...set]
    const { code, stderr } = await run(...args)
    expect(code).toBe(2)
    expect(errorCodes(stderr)).toEqual(['E_WRITE_FAILED'])
    expectPlainMessages(stderr)
  })

  test.skipIf(!canMount)('a full disk behind them (needs the right to mount)', async () => {
    await withTinyDisk(512, async (disk) => {
      const cached = await patchwarden(['detect', 'photos'], {
        cwd: root,
        env: { XDG_CACHE_HOME: disk },
      })
      expect(cached.code).toBe(2)
      expect(errorCodes(cached.stderr)).toEqual(['E_DISK_FULL'])
      expect(filesBelow(disk)).toEqual([])
      const shipped = join(packageRoot, 'models/patchwarden-nano/model.onnx')
      const added = await run('--project', disk, 'models', 'add', shipped, '--id', 'copy')
      expect(added.code).toBe(2)
      expect(errorCodes(added.stderr)).toEqual(['E_DISK_FULL'])
      expect(filesBelow(disk)).toEqual([])
    })
  })
})

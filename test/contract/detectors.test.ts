import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { detectors } from '../../src/detectors'
import { openDetector } from '../../src/engine/detector'
import { openModelStore } from '../../src/engine/models/model-store'
import { createModelHost } from '../../src/engine/models/sessions'
import type { Detector, DetectorPlugin, ModelHost } from '../../src/shared/plugin'
import type { RgbImage } from '../../src/shared/vision'
import { expectDetections } from '../support/expect-detections'
import { permanentFolder } from '../support/permanent-folder'
import { packageRoot } from '../support/program'
import { canvas, families } from '../support/scripted-families'
import { scriptedModel } from '../support/scripted-model'
import { greyImage, newRun } from '../support/test-store'

const folder = permanentFolder('detectors')
let host: ModelHost

beforeAll(async () => {
  const locations = { packageRoot, projectDir: folder, cacheDir: folder }
  host = createModelHost({ store: await openModelStore(locations), threads: 1 })
})

// A model of each family: scripted ones for all, the shipped one beside.
const scripted = Object.entries(families).map(([name, { family, script, output }]) => ({
  family,
  name,
  model: writeScripted(name, scriptedModel(script), output),
}))
const shipped = { family: 'yolox', name: 'the shipped model', model: 'patchwarden-nano' }
const cases = [...scripted, shipped]

function writeScripted(name: string, bytes: Uint8Array, output: object): string {
  const path = join(folder, name, 'scripted.onnx')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
  const card = {
    id: 'scripted',
    task: 'detect',
    file: 'scripted.onnx',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    licence: 'MIT',
    origin: 'written by this test',
    input: { name: 'images', ...canvas, range: 1, channelOrder: 'rgb', resize: 'letterbox' },
    output,
    classes: ['cat', 'dog'],
    scoreThreshold: 0.05,
    nms: { iou: 0.5 },
  }
  writeFileSync(path.replace('.onnx', '.json'), JSON.stringify(card))
  return path
}

describe.each([...detectors.values()])('$id', (plugin: DetectorPlugin) => {
  test('says what it is, and cannot be changed', () => {
    expect(plugin.kind).toBe('detector')
    expect(plugin.summary).toMatch(/^[A-Z0-9].*\.$/)
    expect(Object.isFrozen(plugin)).toBe(true)
  })

  test('its settings have defaults, and each is described', () => {
    const defaults = plugin.params.parse({})
    expect(plugin.params.parse(defaults)).toEqual(defaults)
    const { properties } = z.toJSONSchema(plugin.params, { io: 'input' })
    for (const setting of Object.values(properties ?? {})) {
      expect(setting).toHaveProperty('description')
    }
  })

  test('has a model here to be tried with', () => {
    expect(cases.map(({ family }) => family)).toContain(plugin.id)
  })
})

describe.each(cases)('$family on $name', ({ model }) => {
  const open = (scoreThreshold?: number): Promise<Detector> =>
    openDetector(model, host, scoreThreshold)

  test.each([
    ['as large as its canvas', 96, 64],
    ['lying', 301, 40],
    ['standing', 40, 301],
    ['of one pixel', 1, 1],
  ])('a picture %s: bytes untouched, boxes in order, the same again', async (_, width, height) => {
    const detector = await open()
    const image = noise(width, height)
    const before = image.data.slice()
    const found = await detector.detect(image, newRun())
    expect(image.data).toEqual(before)
    expectDetections(found, detector.classNames.length)
    expect(await detector.detect(image, newRun())).toEqual(found)
    expect(await (await open()).detect(noise(width, height), newRun())).toEqual(found)
  })

  test('a higher threshold only takes detections away', async () => {
    const image = greyImage(96, 64)
    const all = await (await open()).detect(image, newRun())
    const some = await (await open(0.5)).detect(image, newRun())
    expect(some).toEqual(all.filter(({ score }) => score >= 0.5))
  })

  test('calls that overlap do not disturb each other', async () => {
    const detector = await open()
    const images = [noise(96, 64), greyImage(40, 90), noise(50, 50)]
    const alone = []
    for (const image of images) alone.push(await detector.detect(image, newRun()))
    const together = await Promise.all(images.map((image) => detector.detect(image, newRun())))
    expect(together).toEqual(alone)
  })

  test('a run that was cancelled before is not begun', async () => {
    const reason = new Error('enough')
    const detector = await open()
    const run = newRun(AbortSignal.abort(reason))
    await expect(detector.detect(greyImage(96, 64), run)).rejects.toBe(reason)
    expect(run.trace.stages).toEqual([])
  })
})

/** The same grains every time. */
function noise(width: number, height: number): RgbImage {
  const image = greyImage(width, height)
  for (let i = 0; i < image.data.length; i++) image.data[i] = (i * 2_654_435_761) >>> 24
  return image
}

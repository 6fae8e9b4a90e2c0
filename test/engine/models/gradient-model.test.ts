import { createHash } from 'node:crypto'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { demoScenes } from '../../../src/datasets/drawn-scenes'
import { segment } from '../../../src/defenses/segment-and-complete/segmenter'
import { openDetector } from '../../../src/engine/detector'
import { decodeImageBytes } from '../../../src/engine/images/decode-image'
import { renderSvg, toJpeg } from '../../../src/engine/images/render-svg'
import { openModelStore } from '../../../src/engine/models/model-store'
import { createModelHost } from '../../../src/engine/models/sessions'
import type { Detector, ModelHost, Tensor } from '../../../src/shared/plugin'
import { openGradientModel } from '../../../src/shared/plugin/gradient-model'
import type { GradientModel, TargetValues } from '../../../src/shared/plugin/gradient-model'
import { cellsInside, emptyYoloxTargets, yoloxCells } from '../../../src/shared/plugin/yolox-targets'
import { type BoxXyxy, boxIou, type RgbImage } from '../../../src/shared/vision'
import { planResize } from '../../../src/shared/vision/resize'
import { imageToTensor } from '../../../src/shared/vision/to-tensor'
import { type OnnxNode, writeOnnx } from '../../support/onnx-writer'
import { createTestStore, newRun } from '../../support/test-store'
import { temporaryFolder } from '../temporary-folder'

const packageRoot = `${import.meta.dirname}/../../..`
const folder = temporaryFolder()

let models: ModelHost
let nano: GradientModel
let lite: GradientModel
let detector: Detector

beforeAll(async () => {
  const store = await openModelStore({ packageRoot, projectDir: folder, cacheDir: folder })
  models = createModelHost({ store, threads: 1 })
  nano = await openGradientModel('patchwarden-nano-gradient', models)
  lite = await openGradientModel('sac-lite-gradient', models)
  detector = await openDetector('patchwarden-nano', models)
})

/** A drawn scene as the detector sees it: 416 x 416, letterboxed. */
async function drawnScene(): Promise<{ image: RgbImage; tensor: Float32Array }> {
  const scene = demoScenes().find(({ patch }) => patch === undefined)!.scene
  const jpeg = await toJpeg(await renderSvg(scene.svg, []), 95)
  const { image } = await decodeImageBytes(jpeg, scene.name)
  const { input } = nano.card
  const { data } = imageToTensor(image, input, planResize(input, image.width, image.height))
  const tensor = Float32Array.from(data)
  return { image: toImage(tensor), tensor }
}

/** Planes of the model's input, 0..255, as an image; the detector then takes it as it is. */
function toImage(tensor: Float32Array): RgbImage {
  const { width, height } = nano.card.input
  const area = width * height
  const data = Uint8Array.from({ length: 3 * area }, (_, i) =>
    Math.round(tensor[(i % 3) * area + Math.floor(i / 3)]!),
  )
  return { data, width, height }
}

const pictureOf = (data: Float32Array, height = 416, width = 416): Tensor => ({
  data,
  dims: [1, 3, height, width],
})

/** Uniform in 0..1, the same at every run. */
function noise(length: number, seed = 1): Float32Array {
  let state = seed
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  })
}

/** Slope of the loss along the gradient: measured by two more losses, and as the gradient says. */
async function slopes(
  model: GradientModel,
  { data, dims }: Tensor,
  targets: TargetValues,
  reach: number,
): Promise<{ measured: number; said: number }> {
  const start = Float32Array.from(data as Float32Array) // pictures are floats here
  const { gradient } = await model.evaluate({ data: start, dims }, targets)
  const norm = Math.sqrt(gradient.reduce((sum, v) => sum + v * v, 0))
  const at = async (sign: number): Promise<number> => {
    const moved = start.map((v, i) => v + (sign * reach * gradient[i]!) / norm)
    return (await model.evaluate({ data: moved, dims }, targets)).loss
  }
  return { measured: ((await at(1)) - (await at(-1))) / (2 * reach), said: norm }
}

describe('the gradient is the slope of the loss', () => {
  test('of the detector', async () => {
    const { tensor } = await drawnScene()
    const cells = yoloxCells(nano.card)
    expect(cells.count).toBe(3549)
    const targets = emptyYoloxTargets(nano.card)
    for (const cell of cellsInside(cells, [100, 100, 300, 300])) {
      targets.objectness_weight[cell] = 1
      targets.class_weight[cell * nano.card.classes.length] = 0.5
      targets.box_weight[cell] = 0.5
      targets.box_target.set([100, 100, 300, 300], 4 * cell)
    }
    const { measured, said } = await slopes(nano, pictureOf(tensor), targets, 2)
    expect(said).toBeGreaterThan(0)
    expect(Math.abs(measured / said - 1)).toBeLessThan(0.02)
  })

  test.each([
    [64, 96],
    [75, 101],
  ])('of the segmenter at %i x %i', async (height, width) => {
    const picture = pictureOf(noise(3 * height * width), height, width)
    const truth = noise(height * width, 2).map((v) => (v > 0.9 ? 1 : 0))
    const { measured, said } = await slopes(lite, picture, { truth }, 0.005)
    expect(said).toBeGreaterThan(0)
    expect(Math.abs(measured / said - 1)).toBeLessThan(0.02)
    const half = truth.map(() => 0.5)
    const whole = await lite.evaluate(picture, { truth })
    const weighted = await lite.evaluate(picture, { truth, weight: half })
    expect(weighted.loss).toBeCloseTo(whole.loss / 2, 5)
    expect(whole.answer?.dims).toEqual([1, 1, height, width])
  })

  test('the segmenter that takes bytes answers as its gradient model, which takes floats', async () => {
    const { image } = await drawnScene()
    const area = image.width * image.height
    const floats = Float32Array.from(
      { length: 3 * area },
      (_, i) => image.data[3 * (i % area) + Math.floor(i / area)]! / 255,
    )
    const truth = new Float32Array(area)
    const { answer } = await lite.evaluate(pictureOf(floats), { truth })
    const segmenter = await models.load('sac-lite')
    const { logits } = await segment(image, segmenter, 0, newRun())
    expect(logits).toHaveLength(area)
    for (let i = 0; i < area; i++)
      expect(Math.abs(logits[i]! - Number(answer!.data[i]!))).toBeLessThan(1e-4)
  })

  test('without weights loss and gradient are zero, and the answer is the detector’s', async () => {
    const { tensor } = await drawnScene()
    const { loss, gradient, answer } = await nano.evaluate(pictureOf(tensor))
    expect(loss).toBe(0)
    expect(gradient.every((v) => v === 0)).toBe(true)
    const bare = await (await models.load('patchwarden-nano')).run({ images: pictureOf(tensor) })
    const [output] = Object.values(bare)
    expect(answer?.dims).toEqual(output?.dims)
    answer?.data.forEach((v, i) => {
      expect(Math.abs(Number(v) - Number(output!.data[i]))).toBeLessThan(1e-4)
    })
  })
})

test('twenty steps of projected gradient descent inside a square hide an object from the detector', async () => {
  const { image, tensor } = await drawnScene()
  const found = (await detector.detect(image, newRun())).filter(({ score }) => score > 0.5)
  const object = found.find(({ box }) => box[2] - box[0] > 50 && box[3] - box[1] > 50)
  expect(object).toBeDefined()
  const { box, classId } = object!
  const [nothing, something] = [emptyYoloxTargets(nano.card), emptyYoloxTargets(nano.card)]
  const { answer } = await nano.evaluate(pictureOf(tensor))
  const columns = answer!.dims[2]!
  for (const cell of cellsInside(yoloxCells(nano.card), box)) {
    nothing.objectness_weight[cell] = 1
    something.objectness_weight[cell] = Number(answer!.data[cell * columns + 4]) > 0.3 ? 1 : 0
    something.objectness_target[cell] = 1
  }
  const square = squareInside(box, 0.8)
  const attacked = Float32Array.from(tensor)
  const losses: number[] = []
  for (let step = 0; step < 20; step++) {
    const { loss, gradient } = await nano.evaluate(pictureOf(attacked), nothing)
    losses.push(loss)
    descend(attacked, gradient, square, 24 - step)
  }
  // The loss of "nothing is here" falls; that of the cells that saw something, "something is here", rises.
  expect(losses.at(-1)!).toBeLessThan(losses[0]! / 3)
  const [before, after] = await Promise.all(
    [tensor, attacked].map((data) => nano.evaluate(pictureOf(data), something)),
  )
  expect(after!.loss).toBeGreaterThan(2 * before!.loss)
  const left = (await detector.detect(toImage(attacked), newRun())).filter(
    (detection) => detection.classId === classId && boxIou(detection.box, box) > 0.4,
  )
  expect(left).toEqual([])
  const outside = tensor.filter((v, i) => !isInside(i, square) && v !== attacked[i])
  expect(outside).toHaveLength(0)
})

/** A square around the middle of a box, its side the given share of the box's shorter side. */
function squareInside([x1, y1, x2, y2]: BoxXyxy, share: number): BoxXyxy {
  const half = (share * Math.min(x2 - x1, y2 - y1)) / 2
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2]
  return [x - half, y - half, x + half, y + half]
}

function isInside(index: number, [x1, y1, x2, y2]: BoxXyxy): boolean {
  const x = index % 416
  const y = Math.floor(index / 416) % 416
  return x >= x1 && x < x2 && y >= y1 && y < y2
}

function descend(
  tensor: Float32Array,
  gradient: Float32Array,
  square: BoxXyxy,
  step: number,
): void {
  for (let i = 0; i < tensor.length; i++) {
    if (!isInside(i, square)) continue
    tensor[i] = Math.min(255, Math.max(0, tensor[i]! - step * Math.sign(gradient[i]!)))
  }
}

describe('wrong use', () => {
  test('a model for something else', async () => {
    await expect(openGradientModel('patchwarden-nano', models)).rejects.toMatchObject({
      code: 'E_MODEL_TASK',
    })
    await expect(openDetector('patchwarden-nano-gradient', models)).rejects.toMatchObject({
      code: 'E_MODEL_TASK',
    })
  })

  test('pictures and targets of the wrong size or name', async () => {
    const black = pictureOf(new Float32Array(3 * 416 * 416))
    const small = pictureOf(new Float32Array(3 * 64 * 64), 64, 64)
    await expect(nano.evaluate(small)).rejects.toThrow(/\[1, 3, 416, 416\]/)
    await expect(nano.evaluate(black, { truth: new Float32Array(1) })).rejects.toThrow(
      /no target "truth"/,
    )
    await expect(lite.evaluate(small)).rejects.toThrow(/"truth" is missing/)
    await expect(lite.evaluate(small, { truth: new Float32Array(5) })).rejects.toThrow(
      /needs 4096 values/,
    )
  })
})

describe('the store', () => {
  let files: Awaited<ReturnType<typeof createTestStore>>
  beforeEach(async () => {
    files = await createTestStore()
  })
  afterEach(() => {
    files.remove()
  })

  const loss: OnnxNode = {
    op: 'ReduceSum',
    inputs: ['image'],
    outputs: ['loss'],
    attributes: { keepdims: 0 },
  }
  const good: OnnxNode = { op: 'Mul', inputs: ['image', 'truth'], outputs: ['gradient'] }

  function model(gradient: OnnxNode, targetSide = 4): Uint8Array {
    return writeOnnx({
      inputs: [
        { name: 'image', dims: [1, 3, 4, 4] },
        { name: 'truth', dims: [1, 1, targetSide, 4] },
      ],
      outputs: [
        { name: 'loss', dims: [] },
        { name: 'gradient', dims: ['a', 'b', 'c', 'd'] },
      ],
      nodes: [loss, gradient],
    })
  }

  function write(bytes: Uint8Array, output: object = {}): string {
    files.write('project/models/mine/model.json', {
      id: 'mine',
      task: 'detect-gradient',
      file: 'model.onnx',
      sha256: createHash('sha256').update(bytes).digest('hex'),
      licence: 'MIT',
      origin: 'written by this test',
      input: {
        name: 'image',
        width: 4,
        height: 4,
        range: 1,
        channelOrder: 'rgb',
        resize: 'stretch',
      },
      output: {
        family: 'segmentation-loss',
        loss: 'loss',
        gradient: 'gradient',
        formula: 'sum',
        targets: [{ name: 'truth', dims: ['n', 1, 'h', 'w'], meaning: 'truth' }],
        ...output,
      },
    })
    return files.write('project/models/mine/model.onnx', bytes)
  }

  const codeOf = async () => (await files.store.verify()).map(({ error }) => error?.code)

  test('runs gradient models where they are verified and inspected', async () => {
    const path = write(model(good))
    expect(await codeOf()).toEqual([undefined])
    const inspection = await files.store.inspect(path)
    expect(inspection.probe).toMatchObject({ ok: true, outputs: { gradient: [1, 3, 4, 4] } })
    expect(inspection).toMatchObject({ cardFrom: 'beside', proposals: [], questions: [] })
    expect((await files.store.list())[0]).toMatchObject({
      available: true,
      card: { task: 'detect-gradient' },
    })
    expect((await files.store.add(path, { id: 'copy' })).id).toBe('copy')
  })

  test.each<[string, OnnxNode, string]>([
    [
      'one that is not finite',
      { op: 'Log', inputs: ['image'], outputs: ['gradient'] },
      'E_MODEL_OUTPUT_NOT_FINITE',
    ],
    [
      'one of the wrong shape',
      { op: 'Identity', inputs: ['truth'], outputs: ['gradient'] },
      'E_MODEL_OUTPUT_SHAPE',
    ],
    [
      'one that cannot be computed',
      { op: 'MatMul', inputs: ['image', 'image3'], outputs: ['gradient'] },
      'E_MODEL_OPERATOR',
    ],
  ])('tells of a gradient that is %s', async (_, gradient, code) => {
    const path = write(model(gradient))
    expect(await codeOf()).toEqual([code])
    expect((await files.store.inspect(path)).probe).toMatchObject({ ok: false, error: { code } })
    await expect(files.store.add(path, { id: 'copy' })).rejects.toMatchObject({ code })
  })

  test('tells of a card that names other targets or none of its formula', async () => {
    write(model(good), { targets: [{ name: 'mask', dims: [1], meaning: 'mask' }] })
    expect(await codeOf()).toEqual(['E_MODEL_CARD_MISMATCH'])
    write(model(good, 5), { targets: [{ name: 'truth', dims: [1, 1, 4, 4], meaning: 'truth' }] })
    expect(await codeOf()).toEqual(['E_MODEL_CARD_MISMATCH'])
    write(model(good), { answer: 'logits' })
    expect(await codeOf()).toEqual(['E_MODEL_CARD_MISMATCH'])
    write(model(good), { formula: undefined })
    expect(await codeOf()).toEqual(['E_MODEL_CARD_INVALID'])
  })
})

import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { detectors } from '../../../src/detectors'
import { createModelHost } from '../../../src/engine/models/sessions'
import { AppError } from '../../../src/shared/errors'
import { writeOnnx } from '../../support/onnx-writer'
import { canvas, families } from '../../support/scripted-families'
import { scriptedModel } from '../../support/scripted-model'
import { createTestStore, greyImage, newRun } from '../../support/test-store'

let files: Awaited<ReturnType<typeof createTestStore>>
let host: ReturnType<typeof createModelHost>
beforeEach(async () => {
  files = await createTestStore()
  host = createModelHost({ store: files.store, threads: 1 })
})
afterEach(async () => {
  await host.release()
  files.remove()
})

const yolov8 = families.yolov8

function store(model: Uint8Array, fields: object = {}): string {
  files.write('a/model.json', {
    id: 'mine',
    task: 'detect',
    file: 'model.onnx',
    sha256: createHash('sha256').update(model).digest('hex'),
    licence: 'MIT',
    origin: 'written by this test',
    input: { name: 'images', ...canvas, range: 1, channelOrder: 'rgb', resize: 'stretch' },
    output: yolov8.output,
    classes: ['cat', 'dog'],
    scoreThreshold: 0.3,
    ...fields,
  })
  return files.write('a/model.onnx', model)
}

const open = async (path: string, params = {}) =>
  detectors.get('yolov8')!.open({ model: path, ...params }, host)

async function failure(action: Promise<unknown>): Promise<AppError> {
  const error: unknown = await action.then(
    () => new Error('nothing was wrong'),
    (reason: unknown) => reason,
  )
  if (error instanceof AppError) return error
  throw error
}

describe('the model host', () => {
  test('loads a model once, under its path and its id', async () => {
    const path = store(scriptedModel(yolov8.script))
    const first = await host.load(path)
    expect(await host.load(path)).toBe(first)
    expect(first.inputNames).toEqual(['images'])
    expect(first.outputNames).toEqual(['output0'])
    expect(first.card.id).toBe('mine')
  })

  test('does not keep a failure: a repaired file loads', async () => {
    const path = store(new Uint8Array(10))
    expect(await failure(host.load(path))).toMatchObject({ code: 'E_MODEL_NOT_ONNX' })
    store(scriptedModel(yolov8.script))
    expect((await host.load(path)).card.id).toBe('mine')
  })

  test('an operator that the runtime does not know is named', async () => {
    const model = writeOnnx({
      inputs: [{ name: 'images', dims: [1, 3, 64, 96] }],
      outputs: [{ name: 'output0' }],
      nodes: [{ op: 'Divine', inputs: ['images'], outputs: ['output0'] }],
    })
    const error = await failure(host.load(store(model)))
    expect(error).toMatchObject({ code: 'E_MODEL_OPERATOR' })
    expect(error.message).toContain('Divine')
    expect(error.message).not.toContain(files.cacheDir)
  })

  test('a fed size that the model does not take is told as such', async () => {
    const model = await host.load(store(scriptedModel(yolov8.script)))
    const feed = { data: new Float32Array(12), dims: [1, 3, 2, 2] }
    expect(await failure(model.run({ images: feed }))).toMatchObject({
      code: 'E_MODEL_CARD_MISMATCH',
    })
  })

  test('a run that fails inside the graph is told as such', async () => {
    const model = writeOnnx({
      inputs: [{ name: 'images', dims: [1, 3, 'height', 'width'] }],
      outputs: [{ name: 'output0' }],
      nodes: [{ op: 'Reshape', inputs: ['images', 'shape'], outputs: ['output0'] }],
      initializers: [{ name: 'shape', type: 'int64', dims: [1], data: [7] }],
    })
    const loaded = await host.load(store(model))
    const feed = { data: new Float32Array(12), dims: [1, 3, 2, 2] }
    expect(await failure(loaded.run({ images: feed }))).toMatchObject({ code: 'E_MODEL_RUN' })
  })

  test('an aborted host starts no run', async () => {
    const controller = new AbortController()
    const mine = createModelHost({ store: files.store, threads: 1, signal: controller.signal })
    const model = await mine.load(store(scriptedModel(yolov8.script)))
    controller.abort(new Error('enough'))
    await expect(model.run({})).rejects.toThrow('enough')
    await mine.release()
  })
})

describe('a detector on it', () => {
  test('overlapping calls do not disturb each other', async () => {
    // The score of the box is the brightest value of the picture.
    const model = writeOnnx({
      inputs: [{ name: 'images', dims: [1, 3, 64, 96] }],
      outputs: [{ name: 'output0', dims: [1, 6, 1] }],
      nodes: [
        {
          op: 'ReduceMax',
          inputs: ['images'],
          outputs: ['brightest'],
          attributes: { keepdims: 0 },
        },
        { op: 'Mul', inputs: ['mask', 'brightest'], outputs: ['score'] },
        { op: 'Add', inputs: ['box', 'score'], outputs: ['output0'] },
      ],
      initializers: [
        { name: 'mask', dims: [1, 6, 1], data: [0, 0, 0, 0, 1, 0] },
        { name: 'box', dims: [1, 6, 1], data: [48, 32, 96, 64, 0, 0] },
      ],
    })
    const detector = await open(store(model, { scoreThreshold: 0.1 }))
    const image = (value: number) => ({
      ...greyImage(96, 64),
      data: new Uint8Array(3 * 96 * 64).fill(value),
    })
    const values = [51, 102, 153, 204, 255]
    const found = await Promise.all(values.map((value) => detector.detect(image(value), newRun())))
    found.forEach((detections, i) => {
      expect(detections).toHaveLength(1)
      expect(detections[0]!.score).toBeCloseTo(values[i]! / 255, 5)
    })
  })

  test('takes the threshold and the most detections from its settings', async () => {
    const path = store(scriptedModel(yolov8.script))
    const count = async (params: object) =>
      (await (await open(path, params)).detect(greyImage(96, 64), newRun())).length
    expect(await count({})).toBe(2)
    expect(await count({ scoreThreshold: 0.7 })).toBe(1)
    expect(await count({ maxDetections: 1 })).toBe(1)
  })

  test('declared shapes may be wrong: what a run returns counts', async () => {
    const [output] = yolov8.script.outputs
    const declared = { ...output!, declared: ['batch', 'values', 'boxes'] }
    const detector = await open(store(scriptedModel({ ...yolov8.script, outputs: [declared] })))
    expect(await detector.detect(greyImage(96, 64), newRun())).toHaveLength(2)
  })

  test('numbers that are not finite are refused, naming the output', async () => {
    const [output] = yolov8.script.outputs
    const data = [...output!.data]
    data[7] = NaN
    const path = store(scriptedModel({ ...yolov8.script, outputs: [{ ...output!, data }] }))
    const error = await failure((await open(path)).detect(greyImage(96, 64), newRun()))
    expect(error).toMatchObject({ code: 'E_MODEL_OUTPUT_NOT_FINITE' })
    expect(error.message).toContain('"output0" at position 7')
  })

  test('another shape than the family has is refused, with expected and got', async () => {
    const outputs = [{ name: 'output0', dims: [1, 2, 3, 4], data: new Array<number>(24).fill(0) }]
    const path = store(scriptedModel({ ...yolov8.script, outputs }))
    const error = await failure((await open(path)).detect(greyImage(96, 64), newRun()))
    expect(error).toMatchObject({ code: 'E_MODEL_OUTPUT_SHAPE' })
    expect(error.message).toContain('[1, 2, 3, 4]')
    expect(error.message).toContain('[1, 6, boxes]')
  })

  test('a cancelled run stops before the model', async () => {
    const detector = await open(store(scriptedModel(yolov8.script)))
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(detector.detect(greyImage(96, 64), newRun(signal))).rejects.toThrow('enough')
  })
})

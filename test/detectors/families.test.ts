import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { detectors, outputFamilies } from '../../src/detectors'
import { createModelHost } from '../../src/engine/models/sessions'
import { modelCardSchema } from '../../src/shared/model-card'
import { parseFamilyCard } from '../../src/shared/plugin/family-card'
import type { Outputs } from '../../src/shared/plugin/output-family'
import { canvas, families } from '../support/scripted-families'
import { scriptedModel } from '../support/scripted-model'
import { createTestStore, greyImage, newRun } from '../support/test-store'

let files: Awaited<ReturnType<typeof createTestStore>>
beforeAll(async () => {
  files = await createTestStore()
})
afterAll(() => {
  files.remove()
})

function cardFor(model: Uint8Array, output: object) {
  return {
    id: 'scripted',
    task: 'detect',
    file: 'scripted.onnx',
    sha256: createHash('sha256').update(model).digest('hex'),
    licence: 'MIT',
    origin: 'written by this test',
    input: { name: 'images', ...canvas, range: 1, channelOrder: 'rgb', resize: 'stretch' },
    output,
    classes: ['cat', 'dog'],
    scoreThreshold: 0.3,
    nms: { iou: 0.5 },
  }
}

const cases = Object.entries(families).map(([name, script]) => ({ name, ...script }))

describe('scripted models', () => {
  test.each(cases)(
    '$name: boxes come back in source pixels',
    async ({ name, script, output, expected }) => {
      const model = scriptedModel(script)
      expect(model.length).toBeLessThan(60_000)
      const path = files.write(`${name}/scripted.onnx`, model)
      files.write(`${name}/scripted.json`, cardFor(model, output))
      const host = createModelHost({ store: files.store, threads: 1 })
      const detector = await detectors.get(output.family)!.open({ model: path }, host)
      // Twice the canvas across, half of it down: each axis has a scale of its own.
      const found = await detector.detect(greyImage(192, 32), newRun())
      await host.release()
      expect(found.length).toBe(expected.length)
      expected.forEach(({ box, score, classId }, i) => {
        expect(found[i]!.classId).toBe(classId)
        expect(found[i]!.score).toBeCloseTo(score, 5)
        box.forEach((value, side) => {
          expect(found[i]!.box[side]).toBeCloseTo(side % 2 === 0 ? 2 * value : value / 2, 3)
        })
      })
    },
  )

  test.each(cases)(
    '$name: inspect proposes its family and says what is open',
    async ({ name, script, family, decisive, ...rest }) => {
      const path = files.write(`bare ${name}/scripted.onnx`, scriptedModel(script))
      const { proposals, probe, card } = await files.store.inspect(path)
      expect(probe).toMatchObject({ ok: true })
      const fitting = 'alsoFits' in rest ? [rest.alsoFits, family] : [family]
      expect(proposals.map((proposal) => proposal.family)).toEqual(fitting)
      const { reasons, questions } = proposals.at(-1)!
      expect(reasons.length).toBeGreaterThanOrEqual(2)
      expect(questions.filter((question) => question.decisive).map(({ field }) => field)).toEqual(
        decisive,
      )
      expect(card === null).toBe(decisive.length > 0)
    },
  )
})

describe('every detector plug-in', () => {
  test('is an output family, and its default settings parse', () => {
    expect([...outputFamilies.keys()]).toEqual([
      'detr',
      'faster-rcnn',
      'fastestdet',
      'nanodet',
      'ssd-decoded',
      'ssd-raw',
      'yolo-end-to-end',
      'yolo-heads',
      'yolov5',
      'yolov8',
      'yolox',
    ])
    for (const family of outputFamilies.values()) {
      expect(family.params.parse({})).toEqual({
        model: '',
        scoreThreshold: null,
        maxDetections: 1000,
      })
      expect(Object.isFrozen(family)).toBe(true)
      expect(typeof family.decode).toBe('function')
      expect(typeof family.recognize).toBe('function')
      expect('family' in family.output.shape).toBe(true)
    }
  })

  test.each(cases)(
    '$name: refuses another shape, a wrong class count and NaN',
    ({ script, output }) => {
      const family = outputFamilies.get(output.family)!
      const card = parseFamilyCard(family, modelCardSchema.parse(cardFor(new Uint8Array(), output)))
      const outputs: Outputs = Object.fromEntries(
        script.outputs.map(({ name, dims, data, ...rest }) => [
          name,
          'type' in rest && rest.type === 'int64'
            ? { dims, data: BigInt64Array.from(data.map(BigInt)) }
            : { dims, data: Float32Array.from(data) },
        ]),
      )
      const decode = (tensors: Outputs, classes = ['cat', 'dog']) =>
        code(() => family.decode(tensors, { ...card, classes }, canvas))
      expect(decode(outputs)).toBe('none')
      const [name, tensor] = Object.entries(outputs).find(
        ([, { data }]) => data instanceof Float32Array,
      )!
      const broken = Float32Array.from(tensor.data, Number)
      broken[5] = NaN
      expect(decode({ ...outputs, [name]: { ...tensor, data: broken } })).toBe(
        'E_MODEL_OUTPUT_NOT_FINITE',
      )
      expect(decode({ other: { dims: [1, 2, 3, 4, 5], data: new Float32Array(120) } })).toBe(
        'E_MODEL_OUTPUT_SHAPE',
      )
      expect(decode(outputs, ['cat'])).toBe('E_MODEL_CARD_MISMATCH')
    },
  )
})

test('a box that overflows on the way to pixels is refused', () => {
  const { script, output } = families['yolox raw']
  const family = outputFamilies.get('yolox')!
  const card = parseFamilyCard(family, modelCardSchema.parse(cardFor(new Uint8Array(), output)))
  const { name, dims, data } = script.outputs[0]!
  const values = Float32Array.from(data)
  values[104 * 7 + 2] = 200
  expect(code(() => family.decode({ [name]: { dims, data: values } }, card, canvas))).toBe(
    'E_MODEL_OUTPUT_NOT_FINITE',
  )
})

function code(action: () => unknown): string {
  try {
    action()
    return 'none'
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code)
    throw error
  }
}

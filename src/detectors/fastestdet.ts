import { z } from 'zod'
import { defineOutputFamily } from '../shared/plugin/output-family'
import {
  assertClassCount,
  CandidateList,
  sigmoid,
  unexpectedOutputs,
} from '../shared/plugin/output-tensors'
import { isOtherTask, proposeClasses } from '../shared/plugin/recognition'
import type { Outputs } from '../shared/plugin/output-family'

const output = z.strictObject({ family: z.literal('fastestdet') })

/** One map [1, 5 + classes, h, w]: objectness, four box values, classes (objectness and classes after sigmoid). */
export default defineOutputFamily({
  id: 'fastestdet',
  name: 'FastestDet',
  summary: 'One coarse grid of objectness, box offsets and classes.',
  reference: 'github.com/dog-qiuqiu/FastestDet',
  output,
  recognize({ outputs, input, metadata }) {
    const map = mapOf(outputs)
    if (map === undefined || Object.keys(outputs).length > 1 || isOtherTask(metadata)) return []
    if (map.height * 16 !== input.height || map.width * 16 !== input.width) return []
    const names = proposeClasses(map.channels - 5, metadata)
    return [
      {
        family: 'fastestdet',
        reasons: [
          `one map of ${map.width}x${map.height} cells, stride 16 on ${input.width}x${input.height}`,
          `${map.channels} channels are objectness, 4 for the box and ${names.classes.length} classes`,
          names.reason,
        ],
        card: {
          input: { range: 1, channelOrder: 'bgr', resize: 'stretch', interpolation: 'area' },
          output: { family: 'fastestdet' },
          classes: names.classes,
          scoreThreshold: 0.65,
          nms: { iou: 0.45, perClass: true, method: 'hard' },
        },
        questions: names.questions,
      },
    ]
  },
  decode(outputs, card, size) {
    const map = mapOf(outputs)
    if (map === undefined) {
      throw unexpectedOutputs(card, `[1, ${5 + card.classes.length}, height, width]`, outputs)
    }
    assertClassCount(card, map.channels - 5)
    const { data, width, height } = map
    const cells = width * height
    const found = new CandidateList()
    for (let cell = 0; cell < cells; cell++) {
      const objectness = data[cell]! ** 0.6
      // A negative objectness has no power 0.6: NaN fails this test too.
      if (!(objectness >= card.scoreThreshold)) continue
      let classId = 0
      for (let i = 1; i < map.channels - 5; i++) {
        if (data[(5 + i) * cells + cell]! > data[(5 + classId) * cells + cell]!) classId = i
      }
      const score = objectness * data[(5 + classId) * cells + cell]! ** 0.4
      if (!(score >= card.scoreThreshold)) continue
      const column = cell % width
      const line = Math.floor(cell / width)
      found.addCentered(
        ((column + Math.tanh(data[cells + cell]!)) / width) * size.width,
        ((line + Math.tanh(data[2 * cells + cell]!)) / height) * size.height,
        sigmoid(data[3 * cells + cell]!) * size.width,
        sigmoid(data[4 * cells + cell]!) * size.height,
        score,
        classId,
      )
    }
    return found.toCandidates()
  },
})

function mapOf(outputs: Outputs) {
  for (const { data, dims } of Object.values(outputs)) {
    const [batch, channels = 0, height = 0, width = 0] = dims
    if (dims.length === 4 && batch === 1 && channels > 5 && data instanceof Float32Array) {
      return { data, channels, height, width }
    }
  }
  return undefined
}

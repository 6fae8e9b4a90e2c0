import { createHash } from 'node:crypto'
import { canvas, families } from './scripted-families'
import { scriptedModel } from './scripted-model'

const noise = Array.from({ length: 5_000 }, (_, k) =>
  createHash('sha256').update(String(k)).digest('hex'),
).join('')

/** A model that runs, and is large enough to be cut in the middle: 330 kB. */
export const largeModel = scriptedModel({
  ...families.yolov8.script,
  metadata: { ...families.yolov8.script.metadata, noise },
})

export const digest = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex')

/** A catalogue with that model as `pets`. */
export function catalogOf(addresses: readonly string[], more: object = {}): object {
  const card = {
    id: 'pets',
    task: 'detect',
    file: 'model.onnx',
    sha256: digest(largeModel),
    licence: 'MIT',
    origin: 'written by this test',
    input: { name: 'images', ...canvas, range: 1, channelOrder: 'rgb', resize: 'stretch' },
    output: { family: 'yolov8' },
    classes: ['cat', 'dog'],
  }
  return {
    version: 1,
    models: [{ sizeBytes: largeModel.length, commit: '1234567', addresses, card, ...more }],
  }
}

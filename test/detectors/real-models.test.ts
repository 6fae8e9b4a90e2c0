import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { detectors } from '../../src/detectors'
import { decodeImage } from '../../src/engine/images/decode-image'
import { openModelStore } from '../../src/engine/models/model-store'
import { createRunContext } from '../../src/engine/run-context'
import { createModelHost } from '../../src/engine/models/sessions'
import type { Detection } from '../../src/shared/vision'

const packageRoot = resolve(import.meta.dirname, '../..')
const shared = resolve(packageRoot, '../shared/data')
const folder = mkdtempSync(join(tmpdir(), 'real-models-'))
const host = openModelStore({
  packageRoot,
  projectDir: join(folder, 'project'),
  cacheDir: join(folder, 'cache'),
}).then((store) => createModelHost({ store, threads: 1 }))
afterAll(async () => {
  await (await host).release()
  rmSync(folder, { recursive: true })
})

interface Example {
  readonly image: string
  readonly detections: readonly {
    readonly label: string
    readonly score: number
    readonly box: readonly [number, number, number, number]
  }[]
}

const models = [
  'facemask-ssd',
  'fastestdet',
  'nanodet-m-416',
  'picodet-s-320',
  'ultraface-rfb-320',
  'yolox-nano',
]

describe.skipIf(!existsSync(shared))(
  'third-party models (skipped where ../shared/data is absent: weights are not in the repository)',
  () => {
    test.each(models)('%s finds what its reference decode found', async (name) => {
      const path = join(shared, 'models', name, 'model.onnx')
      const models = await host
      const { card } = await models.load(path)
      const detector = await detectors.get(card.output.family)!.open({ model: path }, models)
      const run = () =>
        createRunContext({ signal: new AbortController().signal, seed: 1, digest: '0'.repeat(64) })
      for (const { image, detections } of readExamples(name)) {
        const picture = await decodeImage(join(shared, 'images', image))
        const context = run()
        const found = await detector.detect(picture.image, context)
        expect(context.trace.stages.map((stage) => stage.name)).toEqual([
          'preprocess',
          'detect',
          'decode',
        ])
        expectSame(found, detector.classNames, detections, card.scoreThreshold)
        expect(await detector.detect(picture.image, run())).toEqual(found)
      }
    })
  },
)

function readExamples(name: string): readonly Example[] {
  const text = readFileSync(join(shared, 'models', name, 'example.json'), 'utf8')
  // The files of ../shared/data/models all have this form.
  return (JSON.parse(text) as { examples: Example[] }).examples
}

/** The references list the best twenty. */
const listedAtMost = 20

/** Each reference detection once, within 1 pixel and 0.01; nothing else, but for scores at the threshold. */
function expectSame(
  found: readonly Detection[],
  classNames: readonly string[],
  expected: Example['detections'],
  threshold: number,
): void {
  const open = new Set(found)
  for (const { label, score, box } of expected) {
    const match = [...open].find(
      (candidate) =>
        classNames[candidate.classId] === label &&
        Math.abs(candidate.score - score) <= 0.01 &&
        candidate.box.every((value, i) => Math.abs(value - box[i]!) <= 1),
    )
    if (match === undefined && Math.abs(score - threshold) > 0.01) {
      expect.fail(`no ${label} ${score} at ${box.join(', ')} among ${JSON.stringify(found)}`)
    }
    if (match !== undefined) open.delete(match)
  }
  const floor = expected.length < listedAtMost ? threshold : expected.at(-1)!.score
  for (const extra of open) expect(extra.score).toBeLessThan(floor + 0.01)
  const scores = found.map(({ score }) => score)
  expect(scores).toEqual([...scores].sort((a, b) => b - a))
}

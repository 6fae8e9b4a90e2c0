import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { demoScenes } from '../../src/datasets/drawn-scenes'
import { defenses } from '../../src/defenses'
import { decodeImageBytes } from '../../src/engine/images/decode-image'
import { openDetector } from '../../src/engine/detector'
import { inpaint } from '../../src/engine/images/inpaint'
import { openModelStore } from '../../src/engine/models/model-store'
import { renderSvg } from '../../src/engine/images/render-svg'
import { createModelHost } from '../../src/engine/models/sessions'
import type { DefensePlugin, Detector, ModelHost, RunContext } from '../../src/shared/plugin'
import type { RgbImage } from '../../src/shared/vision'
import { expectDetections } from '../support/expect-detections'
import { permanentFolder } from '../support/permanent-folder'
import { packageRoot } from '../support/program'
import { greyImage, newRun } from '../support/test-store'

const folder = permanentFolder('defenses')
const seen: RgbImage[] = []
let models: ModelHost
let detector: Detector
let cleanScenes: readonly RgbImage[]
let patched: RgbImage

async function scene(index: number): Promise<RgbImage> {
  const { scene, patch } = demoScenes()[index]!
  const overlays = patch ? [{ ...patch, png: Buffer.from(patch.png, 'base64') }] : []
  return (await decodeImageBytes(await renderSvg(scene.svg, overlays), scene.name)).image
}

beforeAll(async () => {
  const locations = { packageRoot, projectDir: folder, cacheDir: folder }
  models = createModelHost({ store: await openModelStore(locations), threads: 1 })
  const real = await openDetector('patchwarden-nano', models)
  detector = {
    classNames: real.classNames,
    detect(image, run) {
      seen.push(image)
      return real.detect(image, run)
    },
  }
  const clean = [...demoScenes().keys()].filter((index) => !demoScenes()[index]?.patch)
  cleanScenes = await Promise.all(clean.map(scene))
  patched = await scene(2)
})

test('the default of the command line is there', () => {
  expect([...defenses.keys()]).toContain('segment-and-complete')
})

/** Settings for defenses whose own would take minutes here: the same code with fewer calls. */
const quicker: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  objectseeker: { lines: 2 },
}

describe.each([...defenses.values()])('$id', (plugin: DefensePlugin) => {
  const wrap = (settings = plugin.params.parse(quicker[plugin.id] ?? {})): Detector =>
    plugin.wrap(detector, settings, { models, inpaint })
  const copyOf = (image: RgbImage): RgbImage => ({ ...image, data: image.data.slice() })

  test('says what it is, and cannot be changed', () => {
    expect(plugin.kind).toBe('defense')
    expect(plugin.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(plugin.summary).toMatch(/^[A-Z].*\.$/)
    expect(Object.isFrozen(plugin)).toBe(true)
  })

  test('its settings have defaults that pass their own check, and each is described', () => {
    const defaults = plugin.params.parse({})
    expect(plugin.params.parse(defaults)).toEqual(defaults)
    const { properties } = z.toJSONSchema(plugin.params, { io: 'input' })
    for (const [name, setting] of Object.entries(properties ?? {})) {
      expect(setting, name).toHaveProperty('description', expect.stringMatching(/\w{3}/))
    }
  })

  test('a defended detector is a detector of the same classes', async () => {
    const defended = wrap()
    await defended.prepare?.()
    expect(defended.classNames).toEqual(detector.classNames)
  })

  test.each([
    ['clean', () => cleanScenes[0]!],
    ['patched', () => patched],
    ['of one pixel', () => greyImage(1, 1)],
    ['of one row', () => greyImage(300, 1)],
  ])('a picture, %s: bytes untouched, boxes in order, the same again', async (_, picture) => {
    const image = picture()
    const before = copyOf(image)
    const run = newRun()
    const found = await wrap().detect(image, run)
    expect(image).toEqual(before)
    expectDetections(found, detector.classNames.length)
    expectTrace(run, image)
    const again = newRun()
    expect(await wrap().detect(copyOf(image), again)).toEqual(found)
    expect([...again.trace.masks]).toEqual([...run.trace.masks])
    expect([...again.trace.notes]).toEqual([...run.trace.notes])
  })

  test('a picture in which nothing is found reaches the detector as the very same object', async () => {
    let unharmed = 0
    for (const image of [greyImage(320, 240), ...cleanScenes]) {
      seen.length = 0
      const run = newRun()
      await wrap().detect(image, run)
      const removed = run.trace.notes.get('removedFraction')
      if ((removed ?? 0) !== 0) continue
      // A defense that removes nothing may look again; its first look is at the picture itself.
      if (removed !== undefined) expect(seen).toHaveLength(1)
      expect(seen[0]).toBe(image)
      unharmed++
    }
    expect(unharmed).toBeGreaterThan(1)
  })

  test('a picture with a patch reaches it changed, if pixels are removed, and the trace has what was handed on', async () => {
    seen.length = 0
    const run = newRun()
    await wrap().detect(patched, run)
    if (!run.trace.notes.has('removedFraction')) {
      expect(seen[0]).toBe(patched)
      expect(run.trace.image ?? patched).toEqual(patched)
      return
    }
    expect(seen[0]).not.toBe(patched)
    expect(seen[0]).toMatchObject({ width: patched.width, height: patched.height })
    expect(run.trace.image).toBe(seen[0])
  })

  test('a run that was cancelled before is not begun', async () => {
    seen.length = 0
    const reason = new Error('enough')
    await expect(wrap().detect(patched, newRun(AbortSignal.abort(reason)))).rejects.toBe(reason)
    expect(seen).toEqual([])
  })
})

function expectTrace({ trace }: RunContext, image: RgbImage): void {
  for (const [name, mask] of trace.masks) {
    expect([name, mask.width, mask.height]).toEqual([name, image.width, image.height])
    expect(mask.bits.length).toBe(image.width * image.height)
  }
  for (const value of trace.notes.values()) {
    if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true)
  }
  for (const { ms } of trace.stages) expect(ms).toBeGreaterThanOrEqual(0)
}

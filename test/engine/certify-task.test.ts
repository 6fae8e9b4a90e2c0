import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { drawScene } from '../../src/datasets/drawn-scenes'
import { renderSvg, toJpeg } from '../../src/engine/images/render-svg'
import { someSteps } from '../../src/engine/picture-progress'
import type { CertifyTask, VisionItem } from '../../src/engine/vision-job'
import { openVisionTask } from '../../src/engine/vision-task'
import { permanentFolder } from '../support/permanent-folder'
import { packageRoot } from '../support/program'

const folder = permanentFolder('certify-task')
const picture = join(folder, 'scene.jpg')

beforeAll(async () => {
  writeFileSync(picture, await toJpeg(await renderSvg(drawScene(1).svg), 95))
})

/** What a worker answers to one picture. */
async function answer(task: Omit<CertifyTask, 'kind'>, item: Partial<VisionItem> = {}) {
  const runner = await openVisionTask({
    locations: { packageRoot, projectDir: folder, cacheDir: folder },
    task: { kind: 'certify', ...task },
    threads: 1,
    seed: 0,
  })
  const whole = { index: 0, path: picture, source: picture, ...item }
  return runner.process(whole, await runner.decode(whole))
}

const objects = {
  method: 'objectseeker',
  model: 'patchwarden-nano',
  params: { lines: 3, maskedScore: 0.4, place: 'far' },
  patch: '1%',
}

test('objects: what the detector shows, and what is known to be there', async () => {
  const { certificates: shown = [], sha256, width, height } = await answer(objects)
  expect(shown.length).toBeGreaterThan(2)
  expect(shown.filter(({ certified }) => certified).length).toBeGreaterThan(0)
  const side = Math.floor(Math.sqrt(0.01 * width * height))
  for (const one of shown) {
    expect(one).toMatchObject({ imageDigest: sha256, modelId: 'patchwarden-nano' })
    expect(one.details).toMatchObject({ patchWidth: side, patchHeight: side })
    expect(one.certified).toBe(one.radius! >= side)
  }
  const subjects = shown.map(({ box, boxClass }) => ({ box: box!, boxClass: boxClass! }))
  const nowhere = { box: [0, 0, 3, 3] as const, boxClass: 'person', objectId: 7 }
  const strange = { ...subjects[0]!, boxClass: 'unicorn' }
  const known = await answer(objects, { subjects: [nowhere, strange, ...subjects] })
  expect(known.certificates?.[0]).toMatchObject({ certified: false, objectId: 7 })
  expect(known.certificates?.[1]).toMatchObject({
    certified: false,
    statement: 'Not proven: the detector has no class "unicorn".',
  })
  expect(known.certificates?.slice(2)).toEqual(shown)
  await expect(answer({ ...objects, patch: '0%' })).rejects.toMatchObject({ code: 'E_PATCH_SIZE' })
})

test('boxes: each its own certificate, unless it lies outside or its picture has changed', async () => {
  const task = { method: 'derandomized-smoothing', model: 'crops-columns', params: {} }
  const subjects = [
    { box: [40, 40, 200, 300] as const, boxClass: 'person' },
    { box: [9000, 0, 9100, 100] as const },
  ]
  const found = await answer(task, { subjects })
  expect(found.certificates).toHaveLength(1)
  expect(found.certificates?.[0]).toMatchObject({ box: [40, 40, 200, 300], boxClass: 'person' })
  expect(found.warnings).toEqual([expect.stringMatching(/^W_BOX_OUTSIDE /)])
  const other = { subjects, subjectsOf: '0'.repeat(64) }
  await expect(answer(task, other)).rejects.toMatchObject({ code: 'E_FILE_CHANGED' })
})

test('a picture that was cut off goes on where it was, unless it is another now', async () => {
  const task = { method: 'derandomized-smoothing', model: 'crops-columns', params: {} }
  const subjects = [{ box: [40, 40, 200, 300] as const }, { box: [100, 90, 260, 240] as const }]
  const whole = await answer(task, { subjects })
  const [first, second] = whole.certificates ?? []
  // What the first half of the votes was counted to, with a first certificate that tells where it is from.
  const state = { next: 32, table: new Array<number[]>(32).fill([0]) }
  const certificates = [{ ...first!, statement: 'kept' }]
  const partial = { sha256: whole.sha256, certificates, subject: 1, state }
  const resumed = await answer(task, { subjects, partial })
  expect(resumed.certificates?.[0]).toEqual(certificates[0])
  expect(resumed.certificates?.[1]?.total).toBe(second?.total)
  expect(resumed.certificates?.[1]?.votes).not.toEqual(second?.votes)
  const other = { ...partial, sha256: '0'.repeat(64) }
  expect((await answer(task, { subjects, partial: other })).certificates).toEqual(
    whole.certificates,
  )
})

test('progress is told now and then, and what it stands for now and again', () => {
  let now = 0
  const told: (number | undefined)[] = []
  const step = someSteps(
    ({ partial }) => told.push(partial?.state.next),
    () => now,
  )
  for (; now <= 6_500; now += 100) {
    const next = now
    step({ done: now, total: 10_000, unit: 'samples' }, () => ({
      ...{ sha256: '', certificates: [], subject: 0, state: { next } },
    }))
  }
  expect(told).toHaveLength(13)
  expect(told.filter((next) => next !== undefined)).toEqual([500, 3_500, 6_500])
})

test('a model that was trained for something else is told of', async () => {
  const params = { band: 30, stride: 8 }
  const task = { method: 'derandomized-smoothing', model: 'cifar10-splitting', params }
  const { warnings, certificates } = await answer(task)
  expect(warnings).toEqual([expect.stringMatching(/^W_CERTIFIER_UNTRAINED /)])
  expect(certificates).toHaveLength(1)
})

// Every method once, on a model that ships: its settings are read, its samples answered, its sentence made.
const few = { selection: 8, estimation: 24 }
test.each([
  { method: 'certified-confidence', model: 'cifar10-gaussian', params: few, unit: /^L2 / },
  { method: 'gaussian-smoothing', model: 'cifar10-gaussian', params: few, unit: /^L2 / },
  { method: 'wasserstein-smoothing', model: 'cifar10-gaussian', params: few, unit: /W1/ },
  { method: 'randomized-ablation', model: 'mnist-ablation', params: few, unit: /^px$/ },
  {
    method: 'splitting-noise',
    model: 'cifar10-splitting',
    params: { levels: 30, template: [] },
    unit: /^L1 /,
  },
  {
    method: 'fractional-lp',
    model: 'cifar10-splitting',
    params: { norm: 'l0', samples: 20 },
    unit: /^px$/,
  },
  { method: 'smoothing-limits', model: 'cifar10-gaussian', params: {}, unit: /^grey levels$/ },
  {
    method: 'patch-cleanser',
    model: 'mnist-columns',
    params: { masksPerAxis: 2 },
    patch: '2%',
    unit: /^pixels of the picture, side/,
  },
])('$method certifies a picture', async ({ unit, ...task }) => {
  const { certificates = [], sha256 } = await answer(task)
  expect(certificates).toHaveLength(1)
  const [record] = certificates
  expect(record).toMatchObject({ method: task.method, imageDigest: sha256, modelId: task.model })
  expect(record?.statement).toMatch(/^[A-Z].*\.$/)
  expect(record?.threat).not.toBe('')
  expect(record?.assumptions.length).toBeGreaterThan(1)
  expect(record?.unit).toMatch(unit)
  if (record?.radius === 0) expect(record.certified).toBe(false)
})

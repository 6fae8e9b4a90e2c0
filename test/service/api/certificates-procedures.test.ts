import { appendFileSync, copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Input } from '../../../src/shared/api'
import { ask, jobEnd, packageRoot, refusal } from './open-service'
import { procedureTests } from './procedure-tests'

procedureTests('certificates', (sample) => {
  const method = 'derandomized-smoothing'
  const boxes = (): Input<'certificates.start'> => {
    const { b, dataset } = sample()
    const images = { filter: { dataset } }
    return { method, model: 'own-columns', params: {}, images, boxesOf: b }
  }
  let run = 0

  test('certificates have their place', async () => {
    const { service, b, cards } = sample()
    const id = cards[0]?.id ?? 0
    expect(await ask(service, 'certificates.ofImage', { id, run: b })).toEqual({ certificates: [] })
    expect((await ask(service, 'certificates.ofRun', { run: b, certified: true })).rows).toEqual([])
    expect(await ask(service, 'certificates.summary', { run: b })).toEqual({ methods: [] })
    expect(await ask(service, 'certificates.curves', { run: b })).toEqual({ curves: [] })
  })

  test('methods say which models fit, with their settings, and why others do not', async () => {
    const { service, dataset } = sample()
    copyColumns(join(service.folder, 'project/models/own-columns'))
    const { methods } = await ask(service, 'certificates.methods', {})
    const byId = new Map(methods.map((one) => [one.id, one]))
    const columns = byId.get(method)
    expect(columns).toMatchObject({ asks: 'patch', about: 'classes', refusal: null })
    const crops = columns?.models.find(({ id }) => id === 'crops-columns')
    expect(crops).toMatchObject({ refusal: null, isTrained: true, defaults: { band: 8 } })
    expect(columns?.models.find(({ id }) => id === 'cifar10-splitting')?.refusal).toMatch(
      /names no ablation encoding/,
    )
    expect(byId.get('certified-saliency')?.refusal).toMatch(/score for each/)
    expect(columns?.defaultPatch).toBeNull()
    expect(byId.get('objectseeker')).toMatchObject({ about: 'objects', asks: 'patch' })
    const cleanser = byId.get('patch-cleanser')
    expect(cleanser).toMatchObject({ about: 'classes', asks: 'patch', defaultPatch: '2%' })
    // Any classifier, and nothing else.
    expect(cleanser?.models.map(({ id, refusal }) => [id, refusal])).toEqual(
      columns?.models.map(({ id }) => [id, null]),
    )
    expect(JSON.stringify(columns?.params)).not.toMatch(/encoding|template/)

    const whole = { ...boxes(), boxesOf: null }
    const refusalOf = (changes: Partial<Input<'certificates.plan'>>) =>
      refusal(service, 'certificates.plan', { ...whole, ...changes })
    expect(await refusalOf({ model: 'cifar10-splitting' })).toBe('E_CERTIFIER_MODEL')
    expect(await refusalOf({ method: 'certified-saliency' })).toBe('E_CERTIFIER_MODEL')
    expect(await refusalOf({ method: 'nothing' })).toBe('E_CERTIFIER_UNKNOWN')
    expect(await refusalOf({ model: 'patchwarden-nano' })).toBe('E_MODEL_TASK')
    expect(await refusalOf({ patch: 'large' })).toBe('E_PATCH_SIZE')
    expect(await refusalOf({ radius: 1 })).toBe('E_SETTING_INVALID')
    expect(await refusalOf({ params: { band: 0 } })).toBe('E_SETTING_INVALID')
    const objects = { method: 'objectseeker', model: 'patchwarden-nano', params: {} }
    const { ids } = await ask(service, 'images.ids', { filter: { dataset } })
    const empty = []
    for (const id of ids) {
      const info = await ask(service, 'image.get', { id })
      if (info.objects.length === 0) empty.push(id)
    }
    if (empty.length > 0) {
      expect(await refusalOf({ ...objects, images: { ids: empty } })).toBe('E_OBJECTS_MISSING')
    }
    expect(await refusalOf({ ...objects, boxesOf: sample().b })).toBe('E_RUN_KIND')
  })

  test('boxes of a run are certified by a job; the same order is the same run', async () => {
    const { service, b, cards } = sample()
    const [first, second] = cards
    const order = { ...boxes(), images: { ids: [first?.id ?? 0, second?.id ?? 0] } }
    const plan = await ask(service, 'certificates.plan', order)
    expect(plan).toMatchObject({ images: 2, toDo: 2, known: 0, sameRun: null, isTrained: true })
    expect(plan.subjects).toBeGreaterThan(1)
    const started = await ask(service, 'certificates.start', { ...order, name: 'certified' })
    run = started.run.id
    expect(started.run).toMatchObject({ kind: 'certify', name: 'certified', method, total: 2 })
    expect((await jobEnd(service, started.jobId)).state).toBe('done')
    expect(await ask(service, 'certificates.plan', order)).toMatchObject({ known: 2, sameRun: run })

    const { certificates } = await ask(service, 'certificates.ofImage', {
      id: first?.id ?? 0,
      run: b,
    })
    expect(certificates.length).toBeGreaterThan(0)
    for (const one of certificates) expect(one).toMatchObject({ runId: run, stale: [] })
    const { methods } = await ask(service, 'certificates.summary', { run })
    expect(methods[0]?.tried).toBe(plan.subjects)
    const { run: made } = await ask(service, 'runs.get', { id: run })
    expect(made).toMatchObject({ canResume: true, done: 2, failed: 0, state: 'finished' })
    const resumed = await ask(service, 'runs.resume', { id: run })
    expect((await jobEnd(service, resumed.jobId)).state).toBe('done')
  })

  test('curves fall with the size, and their points lead to pictures', async () => {
    const { service, b } = sample()
    const { curves } = await ask(service, 'certificates.curves', { run: b })
    const [curve] = curves
    expect(curve).toMatchObject({ run: { id: run }, method, isModelStale: false, stale: 0 })
    const steps = curve?.series[0]?.steps ?? []
    expect(steps.length).toBeGreaterThan(1)
    expect(steps.map(({ count }) => count)).toEqual(
      steps.map(({ count }) => count).toSorted((x, y) => y - x),
    )
    const last = steps.at(-1)
    const behind = await ask(service, 'results.images', {
      b,
      behind: { kind: 'certified', run, method, series: 'all', size: last?.size ?? 0 },
    })
    expect(behind.ids.length).toBeGreaterThan(0)
    expect(behind.sentence).toContain(`proven up to ${last?.size ?? 0}`)
  })

  test('a certificate says why it reaches no farther', async () => {
    const { service, b, cards } = sample()
    const id = cards[0]?.id ?? 0
    const { certificates } = await ask(service, 'certificates.ofImage', { id, run: b })
    for (const { id: certificate, radius, votes, total } of certificates) {
      const why = await ask(service, 'certificates.whyNot', { id, run, certificate })
      const [n1 = 0, n2 = 0] = Object.values(votes ?? {})
      expect(why.vote).toMatchObject({ total, isCut: false, first: { votes: n1 } })
      expect(why.patch?.lead).toBe(n1 - n2)
      expect(why.patch?.need).toBeGreaterThanOrEqual(2 * (why.patch?.touched ?? 0))
      expect(why.patch?.holdsUpTo).toBeGreaterThanOrEqual(radius ?? 0)
      const larger = await ask(service, 'certificates.whyNot', {
        ...{ id, run, certificate },
        size: why.patch?.largest ?? 1,
      })
      expect(larger.patch?.need).toBeGreaterThanOrEqual(why.patch?.need ?? 0)
      expect(why.limits).toMatchObject({ channels: 3, height: 64, width: 64 })
      const [, inf] = why.limits?.rows ?? []
      // No independent noise certifies a hundredth of the range in Linf at this size.
      expect(inf?.norm).toBe('Linf')
      expect(inf?.gaussian).toBeLessThan(inf?.most ?? 0)
      expect(inf?.gaussian).toBeLessThan(0.01)
    }
    const gone = { id, run, certificate: 999_999 }
    expect(await refusal(service, 'certificates.whyNot', gone)).toBe('E_ROW_UNKNOWN')
  })

  test('another picture or another model makes certificates stale, in every list', async () => {
    const { service, b, cards } = sample()
    const id = cards[0]?.id ?? 0
    const marks = async () => {
      const { certificates } = await ask(service, 'certificates.ofImage', { id, run: b })
      const rows = []
      for (const certified of [true, false]) {
        rows.push(...(await ask(service, 'certificates.ofRun', { run, certified })).rows)
      }
      const own = new Map(rows.map((row) => [row.id, row.stale]))
      // Both lists say the same of each.
      for (const one of certificates) expect(own.get(one.id)).toEqual(one.stale)
      return { own: certificates.map(({ stale }) => stale), all: rows.map(({ stale }) => stale) }
    }
    const before = await marks()
    expect(before.all.flat()).toEqual([])
    const folder = join(service.folder, 'project/models/own-columns')
    const card = readFileSync(join(folder, 'model.json'), 'utf8')
    copyFileSync(join(folder, 'model.onnx'), join(folder, 'kept'))
    appendFileSync(join(folder, 'model.onnx'), 'x')
    const changed = await marks()
    for (const stale of changed.all) expect(stale).toEqual(['model'])
    const { curves } = await ask(service, 'certificates.curves', { run: b })
    expect(curves[0]?.isModelStale).toBe(true)
    copyFileSync(join(folder, 'kept'), join(folder, 'model.onnx'))
    writeFileSync(join(folder, 'model.json'), card)
    expect((await marks()).all.flat()).toEqual([])
  })

  test('whole pictures and annotated objects are certified too', async () => {
    const { service, b, dataset } = sample()
    const { ids } = await ask(service, 'images.ids', { filter: { dataset } })
    const images = { ids: ids.slice(0, 1) }
    const whole = { ...boxes(), boxesOf: null, images, patch: '10%' }
    const started = await ask(service, 'certificates.start', whole)
    expect((await jobEnd(service, started.jobId)).state).toBe('done')
    const [id = 0] = ids
    const others = { id, run: b, alsoOthers: true }
    const { certificates } = await ask(service, 'certificates.ofImage', others)
    expect(certificates.some(({ box }) => box === null)).toBe(true)
    const { certificates: alone } = await ask(service, 'certificates.ofImage', { id, run: null })
    expect(alone).toHaveLength(1)

    await ask(service, 'objects.add', { imageId: id, class: 'person', box: [10, 10, 80, 160] })
    const objects = { method: 'objectseeker', model: 'patchwarden-nano', params: { lines: 2 } }
    const seeker = { ...objects, images, boxesOf: null }
    const recall = await ask(service, 'certificates.start', seeker)
    expect((await jobEnd(service, recall.jobId)).state).toBe('done')
    const { curves } = await ask(service, 'certificates.curves', { run: b })
    const found = curves.find((one) => one.method === 'objectseeker')
    expect(found).toMatchObject({ kind: 'recall' })
    expect(found?.series.map((one) => one.id)).toEqual(['far', 'near', 'over', 'anywhere'])
  })
})

/** The shipped classifier as a model of the project, which a test may change. */
function copyColumns(folder: string): void {
  cpSync(join(packageRoot, 'models/crops-columns'), folder, { recursive: true })
  const path = join(folder, 'model.json')
  const card = readFileSync(path, 'utf8').replace('"id": "crops-columns"', '"id": "own-columns"')
  writeFileSync(path, card)
}

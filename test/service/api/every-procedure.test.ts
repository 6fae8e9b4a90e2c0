import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  procedures,
  type ImageCard,
  type Output,
  type ProcedureName,
} from '../../../src/shared/api'
import type { Service } from '../../../src/service/create-service'
import { temporaryFolder } from '../../engine/temporary-folder'
import { ask, jobEnd, openService, packageRoot, refusal, withSample } from './open-service'

// The drawn scenes of the sample, both shipped models, real processes: what screens ask, in the order in which people do.

let service: Service & { readonly folder: string }
let a: number
let b: number
let dataset: number
let cards: ImageCard[]
const asked = new Set<string>()
const outside = temporaryFolder()

beforeAll(async () => {
  service = await openService(undefined, [outside])
  const answer = service.answer.bind(service)
  Object.assign(service, {
    call: async (name: ProcedureName, input: unknown, signal = new AbortController().signal) => {
      asked.add(name)
      const answered = await answer(name, input, signal)
      // Every answer fits its schema: the renderer rests on it.
      if (answered.ok) procedures[name].output.parse(answered.value)
      return answered
    },
  })
  ;({ a, b, dataset } = await withSample(service))
  ;({ cards } = await ask(service, 'images.cards', {
    ids: (await ask(service, 'images.ids', { order: { by: 'change', a, b } })).ids,
    ...{ a, b, overlay: true },
  }))
})
afterAll(async () => {
  await service.close()
})

const card = (name: string): ImageCard => {
  const found = cards.find((one) => one.name.startsWith(name))
  if (!found) throw new Error(`no card ${name}`)
  return found
}

describe('project and library', () => {
  test('the project says what it holds', async () => {
    expect(await ask(service, 'project.info', {})).toMatchObject({
      images: 12,
      datasets: 1,
      runs: 2,
      isEmpty: false,
      hasSample: true,
      pair: { a, b },
      notes: [],
    })
    expect(await refusal(service, 'project.addSample', {})).toBe('E_DATASET_EXISTS')
    const about = await ask(service, 'project.about', {})
    expect(about.parts.find(({ name }) => name === 'fastify')?.licence).toBe('MIT')
    expect(about.models.map(({ id }) => id)).toContain('sac-lite')
    expect(await ask(service, 'project.doctor', { originals: true })).toEqual({ findings: [] })
    await ask(service, 'project.setPair', { a: b, b: a })
    expect((await ask(service, 'project.info', {})).pair).toEqual({ a: b, b: a })
    await ask(service, 'project.setPair', { a, b })
    expect(await refusal(service, 'project.setPair', { a: 999, b })).toBe('E_ROW_UNKNOWN')
  })

  test('cards carry marks, changes and what is drawn over them', () => {
    expect(cards).toHaveLength(12)
    const changes = cards.map(({ marks }) => marks.changes?.change ?? -1)
    expect(changes).toEqual(changes.toSorted((x, y) => y - x))
    expect(changes[0]).toBeGreaterThan(0.3)
    const patched = cards.filter(({ name }) => name.includes('patched'))
    expect(patched).toHaveLength(7)
    for (const { marks, overlay } of patched) {
      expect(marks.patches).toBeGreaterThan(0)
      expect(overlay?.mask).not.toBeNull()
    }
    for (const { marks } of cards.filter(({ name }) => !name.includes('patched'))) {
      expect(marks).toMatchObject({ patches: 0, changes: { change: 0, gained: 0, lost: 0 } })
    }
  })

  test('lists are filtered, ordered, counted and paged', async () => {
    const all = await ask(service, 'images.ids', { order: { by: 'name' } })
    const names = all.ids.map((id) => cards.find((one) => one.id === id)?.name ?? '')
    expect(names).toEqual(names.toSorted())
    const down = await ask(service, 'images.ids', {
      order: { by: 'name', descending: true },
      from: 2,
      limit: 3,
    })
    expect(down.ids).toEqual(all.ids.toReversed().slice(2, 5))
    expect(down.total).toBe(12)
    const filter = { outcome: { run: b, patchFound: true }, dataset }
    expect((await ask(service, 'images.count', { filter })).count).toBe(7)
    const none = { outcome: { run: b, state: 'failed' as const } }
    expect((await ask(service, 'images.count', { filter: none })).count).toBe(0)
    const strong = { changed: { a, b, min: 0.5 } }
    const { ids } = await ask(service, 'images.ids', { filter: strong })
    expect(new Set(ids)).toEqual(
      new Set(cards.filter(({ marks }) => (marks.changes?.change ?? 0) >= 0.5).map(({ id }) => id)),
    )
    const paged: number[] = []
    for (let after: string | null = null; ;) {
      const page: Output<'images.list'> = await ask(service, 'images.list', {
        limit: 5,
        after,
        order: { by: 'name' },
      })
      paged.push(...page.rows.map(({ id }) => id))
      if (page.next === null) break
      after = page.next
    }
    expect(paged).toEqual(all.ids)
    const [first = 0, second = 0, third = 0] = all.ids
    expect(await ask(service, 'images.position', { id: second, order: { by: 'name' } })).toEqual({
      ...{ position: 1, total: 12, previous: first, next: third },
    })
    expect(await refusal(service, 'images.list', { after: '999' })).toBe('E_CURSOR_INVALID')
    expect(await refusal(service, 'images.ids', { order: { by: 'change', a: 77, b } })).toBe(
      'E_ROW_UNKNOWN',
    )
  })

  test('facets say what happened', async () => {
    const facets = await ask(service, 'images.facets', { dataset, a, b })
    expect(facets).toMatchObject({
      images: 12,
      patch: { with: 7, without: 5 },
      happened: { done: 12, patchFound: 7, failed: 0 },
    })
    expect(facets.happened?.rungs.reduce((sum, { images }) => sum + images, 0)).toBe(7)
    expect(facets.happened?.changeHistogram.reduce((sum, n) => sum + n, 0)).toBe(
      facets.happened?.changed,
    )
    expect((await ask(service, 'images.facets', {})).happened).toBeNull()
  })

  test('a search becomes a filter, and words are proposed', async () => {
    const { filter, faults } = await ask(service, 'images.parseQuery', {
      text: 'patch:yes change>0.3 street',
      a,
      b,
    })
    expect(faults).toEqual([])
    const streets = cards.filter(({ name }) => name.startsWith('street'))
    const wanted = streets
      .filter(({ marks }) => (marks.changes?.change ?? 0) > 0.3)
      .map(({ id }) => id)
    expect(wanted.length).toBeGreaterThan(0)
    expect(wanted.length).toBeLessThan(streets.length)
    const { ids } = await ask(service, 'images.ids', { filter })
    expect(new Set(ids)).toEqual(new Set(wanted))
    const { suggestions } = await ask(service, 'images.complete', { text: 'class:po' })
    expect(suggestions).toEqual(['class:"potted plant"'])
  })

  test('tags and states are undoable steps, and excluded pictures are out of sight', async () => {
    const [one = 0, two = 0] = cards.map(({ id }) => id)
    await ask(service, 'images.tag', { selection: { ids: [one, two] }, add: ['look again'] })
    expect((await ask(service, 'images.ids', { filter: { tag: ['look again'] } })).ids).toEqual(
      [one, two].sort((p, q) => p - q),
    )
    await ask(service, 'images.remove', { selection: { filter: { tag: ['look again'] } } })
    expect((await ask(service, 'images.ids', {})).total).toBe(10)
    expect((await ask(service, 'images.ids', { filter: { status: ['excluded'] } })).total).toBe(2)
    const { undo } = await ask(service, 'undo.state', {})
    expect(undo).toBe('Mark 2 images as excluded')
    await ask(service, 'undo.undo', {})
    await ask(service, 'undo.undo', {})
    expect((await ask(service, 'images.ids', {})).total).toBe(12)
    expect((await ask(service, 'images.facets', {})).tag).toEqual([])
    await ask(service, 'images.setStatus', { selection: { ids: [one] }, status: 'reviewed' })
    expect((await ask(service, 'images.cards', { ids: [one, 4_711] })).cards).toMatchObject([
      { status: 'reviewed' },
    ])
    expect(await ask(service, 'images.attributes', { id: one })).toHaveProperty('attributes')
    expect(await refusal(service, 'images.tag', { selection: { ids: [] }, add: ['x'] })).toBe(
      'E_SELECTION_EMPTY',
    )
  })

  test('data sets are listed, renamed and told of', async () => {
    expect((await ask(service, 'datasets.get', { id: dataset })).categories.length).toBeGreaterThan(
      10,
    )
    await ask(service, 'datasets.rename', { id: dataset, name: 'Scenes' })
    expect((await ask(service, 'datasets.list', {})).datasets).toMatchObject([
      { name: 'Scenes', images: 12 },
    ])
    await ask(service, 'datasets.rename', { id: dataset, name: 'Sample' })
    expect((await ask(service, 'datasets.problems', { id: dataset })).rows).toEqual([])
  })
})

describe('one image', () => {
  test('everything that is known of it', async () => {
    const { id } = card('park-0001')
    const image = await ask(service, 'image.get', { id, a, b })
    expect(image.dataset.name).toBe('Sample')
    expect(image.objects.length).toBeGreaterThan(3)
    expect(image.patches).toMatchObject([{ status: 'imported', author: 'imported' }])
    expect(image.runs.map(({ runId }) => runId)).toEqual([a, b])
    const { result } = await ask(service, 'image.result', { id, run: b })
    expect(result?.stages.map(({ name }) => name)).toContain('segment')
    expect(result?.masks.map(({ name }) => name).sort()).toEqual(['completed', 'raw'])
    expect(result?.media.map(({ kind }) => kind).sort()).toEqual([
      'mask-completed',
      'mask-raw',
      'probability',
      'removed',
    ])
    expect(await ask(service, 'image.result', { id, run: b })).toEqual({ result })
  })

  test('differences say right and wrong, and their sums are those of the card', async () => {
    for (const { id, marks } of cards) {
      const compared = await ask(service, 'image.compare', { id, a, b })
      expect(compared.marks).toEqual(marks.changes)
      for (const one of compared.differences) {
        expect(one.a === null).toBe(one.kind === 'gained')
        expect(one.b === null).toBe(one.kind === 'lost')
        expect(['right', 'wrong']).toContain(one.verdict)
      }
    }
    expect(await refusal(service, 'image.compare', { id: 999, a, b })).toBe('E_ROW_UNKNOWN')
  })

  test('a try with other settings reuses the stages that they do not touch', async () => {
    const { id } = card('park-0001')
    const choice = { id, detector: 'patchwarden-nano', compare: true }
    const defense = (params: Record<string, string | number>) => ({
      id: 'segment-and-complete',
      params,
    })
    const first = await ask(service, 'image.preview', { ...choice, defense: defense({}) })
    const stored = await ask(service, 'image.result', { id, run: b })
    expect(first.result.found).toEqual(stored.result?.found)
    const again = await ask(service, 'image.preview', {
      ...choice,
      defense: defense({ fill: 'black' }),
    })
    const stages = new Map(again.result.stages.map((stage) => [stage.name, stage]))
    expect(stages.get('read picture')).toMatchObject({ reused: true })
    expect(stages.get('segment')).toMatchObject({ reused: true })
    expect(again.comparison?.differences.length).toBeGreaterThan(0)
    expect(again.draft).not.toBe(first.draft)
    for (const { kind, version } of again.result.media) {
      const picture = await service.media(
        `${id}/${kind}?v=${version}`,
        new AbortController().signal,
      )
      expect([kind, picture.status]).toEqual([kind, 200])
    }
    expect(
      await refusal(service, 'image.preview', {
        ...choice,
        defense: defense({ segmenter: '/etc/passwd.onnx' }),
      }),
    ).toBe('E_MODEL_UNKNOWN')
    expect(
      await refusal(service, 'image.preview', { ...choice, defense: defense({ threshold: 7 }) }),
    ).toBe('E_SETTING_INVALID')
    expect(
      await refusal(service, 'image.preview', { ...choice, detector: '../x', defense: null }),
    ).toBe('E_MODEL_UNKNOWN')
  })

  test('a newer try of the same picture takes the place of the older one', async () => {
    const { id } = card('desk-0022')
    const tries = [0.3, 0.4, 0.6].map((threshold) =>
      service.call('image.preview', {
        ...{ id, detector: 'patchwarden-nano' },
        defense: { id: 'segment-and-complete', params: { threshold } },
      }),
    )
    const answers = await Promise.all(tries)
    expect(answers.map((answer) => (answer.ok ? 'ok' : answer.error.code))).toEqual([
      'E_CANCELLED',
      'E_CANCELLED',
      'ok',
    ])
  })

  test('pictures come by id and kind', async () => {
    const { id, version } = card('park-0001')
    const media = (path: string) => service.media(path, new AbortController().signal)
    for (const kind of ['thumbnail', 'screen', 'full']) {
      const first = await media(`${id}/${kind}?v=${version}`)
      const second = await media(`${id}/${kind}?v=${version}`)
      expect(second).toEqual(first)
      expect(first.status).toBe(200)
    }
    const { result } = await ask(service, 'image.result', { id, run: b })
    for (const { kind, version: own } of result?.media ?? []) {
      expect([kind, (await media(`${id}/${kind}?v=${own}`)).status]).toEqual([kind, 200])
    }
    expect(await media('0/scene?v=sample')).toMatchObject({
      status: 200,
      contentType: 'image/jpeg',
    })
    for (const path of [
      '999/thumbnail',
      `${id}/removed?v=r999-x`,
      `${id}/removed?v=d0123456789abcdef`,
      `${id}/mask-nothing?v=r${b}-x`,
      `${id}/nothing`,
      '0/import-0',
    ]) {
      expect([path, (await media(path)).status]).toEqual([path, 404])
    }
    for (const path of [
      '',
      '../etc/passwd',
      `${id}/..%2f..`,
      `${id}/full/../..`,
      `${id}/%2e%2e`,
      'x/full',
      `${id}/full?w=1`,
    ]) {
      expect([path, (await media(path)).status]).toEqual([path, 400])
    }
    await ask(service, 'project.clearThumbnails', {})
    expect((await media(`${id}/thumbnail?v=${version}`)).status).toBe(200)
  })
})

describe('annotations', () => {
  test('patches are drawn, changed, decided, and every step has a name and can be taken back', async () => {
    const { id: imageId } = card('street-0003')
    const { patch } = await ask(service, 'patches.draw', {
      imageId,
      box: [10, 20, 40, 50],
      drawnAs: { kind: 'rectangle' },
    })
    expect(patch).toMatchObject({
      status: 'accepted',
      author: 'drawn',
      drawnAs: { kind: 'rectangle' },
      box: [10, 20, 40, 50],
    })
    await ask(service, 'patches.change', { id: patch.id, box: [10, 20, 54, 54] })
    await ask(service, 'patches.change', { id: patch.id, box: [12, 20, 54, 54], name: 'poster' })
    await ask(service, 'patches.setStatus', { ids: [patch.id], status: 'rejected' })
    const { steps } = await ask(service, 'undo.history', { imageId })
    expect(steps.map(({ name }) => name)).toEqual([
      'Reject 1 patch',
      'Move patch 1',
      'Resize patch 1 to 54 × 54 px',
      'Draw rectangle, patch',
    ])
    await ask(service, 'undo.goTo', { id: steps[2]?.id ?? 0 })
    const now = await ask(service, 'annotations.get', { id: imageId })
    expect(now.patches).toMatchObject([{ box: [10, 20, 54, 54], status: 'accepted', name: null }])
    expect((await ask(service, 'undo.redo', {})).imageIds).toEqual([imageId])
    await ask(service, 'patches.delete', { ids: [patch.id] })
    expect((await ask(service, 'annotations.get', { id: imageId })).patches).toEqual([])
    expect(await refusal(service, 'patches.draw', { imageId, box: [0, 0, 0, 5] })).toBe(
      'E_EDIT_INVALID',
    )
    const wrong = { mask: { width: 3, height: 3, text: '09' } }
    expect(
      await refusal(service, 'patches.draw', { imageId, box: [0, 0, 3, 3], shape: wrong }),
    ).toBe('E_EDIT_INVALID')
    const malformed = { mask: { width: 3, height: 3, text: '~~' } }
    expect(
      await refusal(service, 'patches.draw', { imageId, box: [0, 0, 3, 3], shape: malformed }),
    ).toBe('E_RLE_MALFORMED')
    expect(await refusal(service, 'patches.change', { id: 4_711, name: 'x' })).toBe('E_ROW_UNKNOWN')
  })

  test('objects are added, changed and deleted', async () => {
    const { id: imageId } = card('street-0003')
    const { object } = await ask(service, 'objects.add', {
      imageId,
      class: 'zebra',
      box: [1, 2, 30, 40],
    })
    expect(object).toMatchObject({ class: 'zebra', area: 1_200 })
    const changed = await ask(service, 'objects.change', {
      id: object.id,
      class: 'dog',
      box: [1, 2, 10, 10],
    })
    expect(changed.object).toMatchObject({ class: 'dog', area: 100 })
    await ask(service, 'objects.delete', { ids: [object.id] })
    expect(await refusal(service, 'objects.delete', { ids: [object.id] })).toBe('E_ROW_UNKNOWN')
  })

  test('a click proposes the patch under it, in the shape that was asked for', async () => {
    const { id: imageId } = card('park-0001')
    const [truth] = (await ask(service, 'annotations.get', { id: imageId })).patches
    const [x = 0, y = 0, width = 0, height = 0] = truth?.box ?? []
    const at: [number, number] = [x + width / 2, y + height / 2]
    const found = await ask(service, 'patches.propose', { imageId, at })
    expect(found.proposals).toHaveLength(1)
    expect(found.sides.length).toBeGreaterThan(3)
    const overlap = (box: readonly number[]) => {
      const [p = 0, q = 0, w = 0, h = 0] = box
      const across = Math.min(p + w, x + width) - Math.max(p, x)
      const down = Math.min(q + h, y + height) - Math.max(q, y)
      const shared = Math.max(0, across) * Math.max(0, down)
      return shared / (w * h + width * height - shared)
    }
    expect(overlap(found.proposals[0]?.box ?? [])).toBeGreaterThan(0.7)
    for (const shape of ['square', 'circle', 'as-found'] as const) {
      const other = await ask(service, 'patches.propose', { imageId, at, shape })
      expect(other.reused).toBe(true)
      expect(other.proposals[0]?.raw).toEqual(found.proposals[0]?.raw)
      expect(overlap(other.proposals[0]?.box ?? [])).toBeGreaterThan(0.4)
    }
    const sized = await ask(service, 'patches.propose', { imageId, at, shape: 'square', side: 100 })
    expect(sized.proposals[0]).toMatchObject({ shape: 'square', side: 100 })
    expect((await ask(service, 'patches.propose', { imageId, at: [2, 2] })).proposals).toEqual([])
    const inside = await ask(service, 'patches.propose', {
      imageId,
      within: [x, y, x + width, y + height],
    })
    expect(inside.proposals).toHaveLength(1)
    const everywhere = await ask(service, 'patches.propose', { imageId })
    expect(everywhere.proposals.some((one) => overlap(one.box) > 0.7)).toBe(true)
    const [proposal] = found.proposals
    if (!proposal) throw new Error('nothing was proposed')
    const kept = await ask(service, 'patches.keepProposals', {
      imageId,
      segmenter: proposal.segmenter,
      params: {},
      proposals: [
        {
          box: proposal.box,
          shape: { mask: proposal.mask },
          drawnAs: { kind: 'completed', rung: proposal.rung ?? 0 },
        },
      ],
    })
    expect(kept.patches).toMatchObject([
      { status: 'proposed', author: 'segmenter', segmenter: 'sac-lite' },
    ])
    const queue = await ask(service, 'review.queue', { show: 'to-do' })
    expect(queue).toMatchObject({
      total: 1,
      toDo: 1,
      rows: [{ imageId, proposals: 1, state: 'to-do' }],
    })
    expect((await ask(service, 'review.accept', { imageId })).patches).toBe(1)
    expect((await ask(service, 'patches.list', { status: 'accepted' })).rows).toMatchObject([
      { imageId },
    ])
    expect((await ask(service, 'review.queue', {})).accepted).toBe(1)
    expect(
      await refusal(service, 'patches.propose', {
        imageId,
        params: { segmenter: 'patchwarden-nano' },
      }),
    ).toBe('E_MODEL_TASK')
  })

  test('what a run took out becomes proposals of many pictures, to accept or reject', async () => {
    const { ids } = await ask(service, 'images.ids', { filter: { patch: false } })
    const { jobId } = await ask(service, 'patches.proposeAll', { run: b, imageIds: ids })
    expect(await jobEnd(service, jobId)).toMatchObject({ state: 'done', total: ids.length })
    expect(await refusal(service, 'patches.proposeAll', { run: a })).toBe('E_RUN_WITHOUT_MASKS')
    const { id: imageId } = card('street-0012')
    expect(await ask(service, 'review.reject', { imageId })).toEqual({ patches: 0 })
    expect(await ask(service, 'images.acceptPatches', { selection: { ids } })).toMatchObject({
      images: ids.length,
    })
  })
})

describe('runs and jobs', () => {
  test('a run is planned, started, paused, goes on, and is known afterwards', async () => {
    const ids = cards.map(({ id }) => id).slice(0, 4)
    const order = {
      images: { ids },
      detector: 'patchwarden-nano',
      defense: { id: 'segment-and-complete', params: { fill: 'mean' } },
    }
    expect(await ask(service, 'runs.plan', order)).toMatchObject({
      images: 4,
      known: 0,
      toDo: 4,
      sameRun: null,
    })
    const started = await ask(service, 'runs.start', { ...order, name: 'mean', alsoBare: true })
    expect(started.run).toMatchObject({
      name: 'mean',
      total: 4,
      defense: 'segment-and-complete',
      params: { fill: 'mean' },
    })
    expect(started.bareRun).toMatchObject({ defense: null })
    expect(await refusal(service, 'runs.start', order)).toBe('E_RUN_BUSY')
    expect(await refusal(service, 'runs.delete', { id: started.run.id })).toBe('E_RUN_BUSY')
    expect((await ask(service, 'jobs.pause', { id: started.jobId })).job.state).toBe('paused')
    expect((await ask(service, 'jobs.resume', { id: started.jobId })).job.state).toBe('running')
    expect(await jobEnd(service, started.jobId)).toMatchObject({
      state: 'done',
      done: 4,
      failed: 0,
    })
    // The bare run has the answers of an earlier one.
    expect(await jobEnd(service, started.bareJobId ?? 0)).toMatchObject({ state: 'done' })
    const plan = await ask(service, 'runs.plan', order)
    expect(plan).toMatchObject({ images: 4, known: 4, toDo: 0, sameRun: started.run.id })
    expect((await ask(service, 'runs.get', { id: started.run.id })).classes.length).toBeGreaterThan(
      10,
    )
    const { rows } = await ask(service, 'runs.list', { comparedWith: a })
    expect(rows.find(({ id }) => id === started.run.id)).toMatchObject({
      done: 4,
      state: 'finished',
      canResume: true,
    })
    expect(rows.find(({ id }) => id === b)?.changed).toBe(7)
    await ask(service, 'runs.rename', { id: started.run.id, name: 'mean colour' })
    const again = await ask(service, 'runs.resume', { id: started.run.id })
    expect(await jobEnd(service, again.jobId)).toMatchObject({
      state: 'done',
      summary: '4 done, 4 of them known already.',
    })
    const retried = await ask(service, 'runs.retryFailed', { id: started.run.id })
    await jobEnd(service, retried.jobId)
    expect((await ask(service, 'runs.failed', { id: started.run.id })).rows).toEqual([])
    await ask(service, 'runs.delete', { id: started.run.id })
    expect(await refusal(service, 'runs.get', { id: started.run.id })).toBe('E_ROW_UNKNOWN')
  })

  test('a run is stopped at once, and keeps what it has', async () => {
    const { run, jobId } = await ask(service, 'runs.start', {
      images: { filter: { dataset } },
      detector: 'patchwarden-nano',
      defense: { id: 'segment-and-complete', params: { threshold: 0.6 } },
    })
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const stop = service.subscribe('job', ({ job }) => {
      if (job.id === jobId && job.done > 0) resolve(undefined)
    })
    await promise
    stop()
    const asked = performance.now()
    const { job } = await ask(service, 'jobs.cancel', { id: jobId })
    expect(performance.now() - asked).toBeLessThan(100)
    expect(job.isStopping || job.state === 'cancelled').toBe(true)
    const ended = await jobEnd(service, jobId)
    expect(performance.now() - asked).toBeLessThan(2_000)
    expect(ended.state).toBe('cancelled')
    const { run: now } = await ask(service, 'runs.get', { id: run.id })
    expect(now.state).toBe('cancelled')
    expect(now.done).toBeGreaterThan(0)
    expect(now.canResume).toBe(true)
    await ask(service, 'jobs.remove', { id: jobId })
    expect(await refusal(service, 'jobs.get', { id: jobId })).toBe('E_ROW_UNKNOWN')
    expect((await ask(service, 'jobs.list', {})).rows.some(({ id }) => id === jobId)).toBe(false)
  })

  test('two runs are compared, most changed first', async () => {
    const compared = await ask(service, 'runs.compare', { a, b })
    expect(compared).toMatchObject({ images: 12, changed: 7, onlyA: 0, onlyB: 0, next: null })
    expect(compared.rows.map(({ imageId }) => imageId)).toEqual(
      cards.filter(({ marks }) => (marks.changes?.change ?? 0) > 0).map(({ id }) => id),
    )
    expect(compared.gained).toBe(compared.rows.reduce((sum, { marks }) => sum + marks.gained, 0))
  })
})

describe('results', () => {
  const subject = () => ({ a, b, clean: null })

  test('six figures, each with its samples or with what it needs', async () => {
    const { figures, images } = await ask(service, 'results.summary', subject())
    expect(images).toBe(12)
    const figure = (id: string) => figures.find((one) => one.id === id)
    expect(figure('ap50-clean')).toMatchObject({ value: null, needs: 'clean-run' })
    expect(figure('ap50-attacked')?.value).toBeLessThan(figure('ap50-defended')?.value ?? 0)
    expect(figure('lost-on-clean')).toMatchObject({ value: 0, samplesAre: 'images' })
    expect(figure('patch-covered')?.value).toBeGreaterThan(0.8)
    expect(figure('time')?.value).toBeGreaterThan(0)
  })

  test('tables, curves, coverage, times and transitions agree with one another', async () => {
    const { overall, classes } = await ask(service, 'results.perClass', subject())
    expect(classes.map((one) => one.class)).toContain('person')
    const { figures } = await ask(service, 'results.summary', subject())
    expect(overall.b?.ap50).toBe(figures.find(({ id }) => id === 'ap50-defended')?.value)
    const { curves } = await ask(service, 'results.precisionRecall', {
      ...subject(),
      class: 'person',
    })
    expect(curves.map(({ layer }) => layer)).toEqual(['a', 'b'])
    expect(curves[1]?.ap50).toBeCloseTo(
      classes.find((one) => one.class === 'person')?.b?.ap50 ?? -1,
      9,
    )
    expect(
      (await ask(service, 'results.precisionRecall', subject())).curves[0]?.points,
    ).toHaveLength(101)
    const { points, covered } = await ask(service, 'results.coverage', subject())
    expect(points.length).toBeGreaterThanOrEqual(7)
    expect(covered).toBeGreaterThan(0.8)
    const { layers } = await ask(service, 'results.times', subject())
    expect(layers.map(({ layer }) => layer)).toEqual(['a', 'b'])
    const { classes: names, counts } = await ask(service, 'results.transitions', subject())
    expect(counts).toHaveLength(names.length + 1)
    const { gained } = await ask(service, 'runs.compare', { a, b })
    expect(counts.at(-1)?.reduce((sum, n) => sum + n, 0)).toBe(gained)
  })

  test('every point leads to its pictures', async () => {
    const { classes, counts } = await ask(service, 'results.transitions', subject())
    const to = classes[counts.at(-1)?.findIndex((n) => n > 0) ?? 0] ?? ''
    const behind = [
      { kind: 'transition', from: null, to },
      { kind: 'coverage', size: { min: 0, max: 1 }, covered: { min: 0, max: 1 } },
      { kind: 'class', class: 'person', layer: 'a', mistakes: 'missed' },
      { kind: 'time', layer: 'b', stage: null, minMs: 0 },
    ] as const
    for (const one of behind) {
      const { ids, rows, sentence, total } = await ask(service, 'results.images', {
        ...subject(),
        behind: one,
      })
      expect(total).toBeGreaterThan(0)
      expect(rows.map(({ imageId }) => imageId)).toEqual(ids)
      expect(sentence).toMatch(/^\d+ images? /)
    }
    const failed = await ask(service, 'results.images', {
      ...subject(),
      behind: { kind: 'failed', layer: 'b' },
    })
    expect(failed.total).toBe(0)
    const filtered = await ask(service, 'results.coverage', {
      ...subject(),
      filter: { ids: [card('park-0001').id] },
    })
    expect(new Set(filtered.points.map(({ imageId }) => imageId))).toEqual(
      new Set([card('park-0001').id]),
    )
  })

  test('without runs or truth the answers say what is missing', async () => {
    expect((await ask(service, 'results.perClass', {})).needs).toBe('run-b')
    expect((await ask(service, 'results.coverage', { a })).needs).toBe('run-b')
    expect((await ask(service, 'results.transitions', { b })).needs).toBe('run-a')
    expect(await refusal(service, 'results.summary', { b: 999 })).toBe('E_ROW_UNKNOWN')
  })

  test('certificates have their place', async () => {
    expect(await ask(service, 'certificates.ofImage', { id: cards[0]?.id ?? 0, run: b })).toEqual({
      certificates: [],
    })
    expect((await ask(service, 'certificates.ofRun', { run: b, certified: true })).rows).toEqual([])
    expect(await ask(service, 'certificates.summary', { run: b })).toEqual({ methods: [] })
  })
})

describe('models, plug-ins, settings', () => {
  test('plug-ins bring the schemas of their forms', async () => {
    const { defenses, exporters, importers, certificates } = await ask(service, 'plugins.list', {})
    const sac = defenses.find(({ id }) => id === 'segment-and-complete')
    expect(sac?.params['properties']).toHaveProperty('threshold')
    expect(sac?.defaults['segmenter']).toBe('sac-lite')
    expect(importers.map(({ id }) => id)).toContain('coco')
    expect(exporters.find(({ id }) => id === 'yolo')).toMatchObject({ takes: 'datasets-and-runs' })
    expect(certificates.length).toBeGreaterThan(3)
  })

  test('a model file is looked at, tried, added, checked and removed', async () => {
    const { models } = await ask(service, 'models.list', {})
    expect(models.find(({ id }) => id === 'patchwarden-nano')).toMatchObject({
      source: 'shipped',
      available: true,
      task: 'detect',
    })
    expect(models.find(({ id }) => id === 'sac-lite')?.runs).toBeGreaterThan(0)
    const copy = join(outside, 'street.onnx')
    copyFileSync(join(packageRoot, 'models/patchwarden-nano/model.onnx'), copy)
    const card = JSON.parse(
      readFileSync(join(packageRoot, 'models/patchwarden-nano/model.json'), 'utf8'),
    ) as object
    writeFileSync(
      join(outside, 'street.json'),
      JSON.stringify({ ...card, id: 'street', file: 'street.onnx' }),
    )
    const { grant } = await ask(service, 'grants.fromPath', { path: copy })
    const seen = await ask(service, 'models.inspect', { grant })
    expect(seen).toMatchObject({ fileName: 'street.onnx', probe: { ok: true }, cardFrom: 'beside' })
    const tried = await ask(service, 'models.try', { grant, imageId: null })
    expect(tried.detections.length).toBeGreaterThan(0)
    expect(tried.picture).toEqual({ imageId: 0, kind: 'scene', version: 'sample' })
    const own = await ask(service, 'models.try', { grant, imageId: cards[0]?.id ?? 0 })
    expect(own.width).toBe(cards[0]?.width)
    expect(
      (await ask(service, 'models.list', {})).models.some(({ id }) => id.startsWith('try-')),
    ).toBe(false)
    const { model } = await ask(service, 'models.add', { grant, id: 'street' })
    expect(model).toMatchObject({ id: 'street', source: 'project', available: true })
    const { models: verified } = await ask(service, 'models.verify', {})
    expect(verified.every(({ ok }) => ok)).toBe(true)
    await ask(service, 'models.remove', { id: 'street' })
    expect(await refusal(service, 'models.remove', { id: 'sac-lite' })).toBe('E_MODEL_UNKNOWN')
    expect(await refusal(service, 'models.inspect', { grant: 'never' })).toBe('E_GRANT_UNKNOWN')
    const pull = await ask(service, 'models.pull', { id: 'no such model' })
    expect(await jobEnd(service, pull.jobId)).toMatchObject({ state: 'failed' })
  })

  test('settings are kept in a file of the user', async () => {
    expect((await ask(service, 'settings.get', {})).theme).toBe('system')
    await ask(service, 'settings.set', { theme: 'dark', shortcuts: { blink: ['Shift+B'] } })
    expect(JSON.parse(readFileSync(join(service.folder, 'settings.json'), 'utf8'))).toMatchObject({
      theme: 'dark',
    })
    expect(await refusal(service, 'settings.set', { theme: 'pink' })).toBe('E_INPUT_INVALID')
    expect((await ask(service, 'settings.reset', {})).theme).toBe('system')
  })
})

describe('import and export', () => {
  test('a granted folder is previewed, imported and reported', async () => {
    const folder = join(outside, 'photos')
    mkdirSync(folder, { recursive: true })
    const scenes = join(service.folder, 'project/sample/images')
    copyFileSync(join(scenes, 'park-0001-patched.jpg'), join(folder, 'one.jpg'))
    copyFileSync(join(scenes, 'desk-0010.jpg'), join(folder, 'two.jpg'))
    writeFileSync(join(folder, 'broken.jpg'), 'no picture')
    const { grant } = await ask(service, 'grants.fromPath', { path: folder })
    const seen = await ask(service, 'import.preview', { grant })
    expect(seen).toMatchObject({
      format: 'folder',
      suggestedName: 'photos',
      images: 3,
      refusal: null,
    })
    const [thumbnail] = seen.thumbnails.filter(({ name }) => name === 'one.jpg')
    const { kind = '', version = '' } = thumbnail?.picture ?? {}
    expect(
      (await service.media(`0/${kind}?v=${version}`, new AbortController().signal)).status,
    ).toBe(200)
    const { jobId } = await ask(service, 'import.start', { grant, name: 'photos', verify: true })
    const job = await jobEnd(service, jobId)
    expect(job).toMatchObject({ state: 'done', summary: '2 images added, 1 left out.' })
    const report = await ask(service, 'import.report', { jobId })
    expect(report).toMatchObject({ datasetId: job.datasetId, images: 2, skipped: 1 })
    expect(report.problems[0]?.examples[0]?.file).toBe('broken.jpg')
    expect(await refusal(service, 'import.start', { grant, name: 'photos' })).toBe(
      'E_DATASET_EXISTS',
    )
    const { grant: single } = await ask(service, 'grants.within', { grant, path: 'two.jpg' })
    const picked = await ask(service, 'import.preview', { grant: single })
    expect(picked).toMatchObject({ format: 'folder', images: 1, suggestedName: 'two' })
    expect(
      (await ask(service, 'grants.browse', { grant })).entries.map(({ name }) => name),
    ).toEqual(['broken.jpg', 'one.jpg', 'two.jpg'])
    expect((await ask(service, 'grants.list', {})).allowsPaths).toBe(true)
    const id =
      (await ask(service, 'images.ids', { filter: { dataset: job.datasetId ?? 0 } })).ids[0] ?? 0
    const same = await ask(service, 'image.relocate', {
      id,
      grant: (await ask(service, 'grants.within', { grant, path: 'one.jpg' })).grant,
    })
    expect(same).toEqual({ found: true })
    await ask(service, 'datasets.remove', { id: job.datasetId ?? 0 })
    await ask(service, 'grants.drop', { grant: single })
    expect(await refusal(service, 'import.preview', { grant: single })).toBe('E_GRANT_UNKNOWN')
  })

  test('what is not granted is refused, whether or not it is there', async () => {
    for (const path of [
      '/etc/passwd',
      '/no/such/file',
      join(outside, '..'),
      `${outside}/../x`,
      `${outside}\0/x`,
      '.',
    ]) {
      expect([path, await refusal(service, 'grants.fromPath', { path })]).toEqual([
        path,
        'E_GRANT_REFUSED',
      ])
    }
    const { grants } = await ask(service, 'grants.list', {})
    const root = grants.find(({ origin }) => origin === 'command-line')?.id ?? ''
    for (const path of ['..', '../..', '/etc', '/etc/passwd', 'photos/../../x']) {
      expect([path, await refusal(service, 'grants.within', { grant: root, path })]).toEqual([
        path,
        'E_GRANT_REFUSED',
      ])
      expect(await refusal(service, 'grants.browse', { grant: root, folder: path })).toBe(
        'E_GRANT_REFUSED',
      )
    }
    const answer = await service.answer('grants.list', {}, new AbortController().signal)
    expect(JSON.stringify(answer)).not.toContain(outside)
  })

  test('an export says first what it loses, then writes, then shows what it wrote', async () => {
    const subject = { run: b }
    const seen = await ask(service, 'export.preview', { subject, format: 'yolo' })
    expect(seen.images).toBe(12)
    expect(seen.losses.length).toBeGreaterThan(0)
    expect(seen.command).toBe(`patchwarden export --run ${b} --format yolo --out PATH`)
    const only = { ids: [card('park-0001').id] }
    const coco = await ask(service, 'export.preview', {
      subject: { dataset },
      format: 'coco',
      filter: only,
    })
    expect(coco.images).toBe(1)
    expect(coco.firstLines[0]).toContain('{')
    const results = await ask(service, 'export.preview', { subject, format: 'coco-results' })
    expect(results.firstLines.join('')).toContain('"score"')
    const { jobId } = await ask(service, 'export.start', {
      subject: { dataset },
      format: 'coco',
      filter: only,
      grant: null,
      name: 'one.json',
    })
    expect(await jobEnd(service, jobId)).toMatchObject({
      state: 'done',
      summary: '1 image exported.',
    })
    const written = await ask(service, 'export.result', { jobId })
    expect(written).toMatchObject({
      images: 1,
      fileName: 'one.json',
      download: `/download/${jobId}`,
    })
    const document = JSON.parse(readFileSync(written.path, 'utf8')) as { images: unknown[] }
    expect(document.images).toHaveLength(1)
    const { grants } = await ask(service, 'grants.list', {})
    const grant = grants.find(({ origin }) => origin === 'command-line')?.id ?? ''
    const order = { subject, format: 'coco-results', grant, name: 'results.json' }
    expect(await jobEnd(service, (await ask(service, 'export.start', order)).jobId)).toMatchObject({
      state: 'done',
    })
    expect(existsSync(join(outside, 'results.json'))).toBe(true)
    expect(
      await ask(service, 'export.check', { grant, name: 'results.json', format: 'coco-results' }),
    ).toMatchObject({
      exists: true,
      freeName: 'results.1.json',
    })
    const twice = await ask(service, 'export.start', order)
    expect(await jobEnd(service, twice.jobId)).toMatchObject({
      state: 'failed',
      error: { code: 'E_TARGET_EXISTS' },
    })
    const kept = await ask(service, 'export.start', { ...order, ifExists: 'keep-both' })
    await jobEnd(service, kept.jobId)
    expect(existsSync(join(outside, 'results.1.json'))).toBe(true)
    for (const name of ['../x', 'a/b', '.hidden', '..', 'x\0y']) {
      expect(await refusal(service, 'export.start', { ...order, name })).toBe('E_TARGET_INVALID')
    }
    const { grant: file } = await ask(service, 'grants.fromPath', {
      path: join(outside, 'results.json'),
    })
    const imported = await ask(service, 'import.results', {
      grant: file,
      name: 'taken back',
      dataset,
    })
    expect(await jobEnd(service, imported.jobId)).toMatchObject({ state: 'done' })
    const { rows } = await ask(service, 'runs.list', {})
    expect(rows[0]).toMatchObject({ name: 'taken back', isImported: true, canResume: false })
    expect(await refusal(service, 'runs.resume', { id: rows[0]?.id ?? 0 })).toBe(
      'E_RUN_NOT_REPEATABLE',
    )
  })
})

test('every procedure was asked', () => {
  expect(Object.keys(procedures).filter((name) => !asked.has(name))).toEqual([])
})

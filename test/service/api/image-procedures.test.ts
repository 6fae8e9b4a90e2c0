import Database from 'better-sqlite3'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { componentsOf } from '../../../src/shared/plugin/components-note'
import { ask, refusal } from './open-service'
import { procedureTests } from './procedure-tests'

procedureTests('image', (sample) => {
  test('everything that is known of it', async () => {
    const { service, a, b, card } = sample()
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
    // Which rung completed each part; the loosest of them is that of the whole.
    const parts = componentsOf(result?.notes['components'])
    expect(parts).toHaveLength(Number(result?.notes['parts']))
    expect(Math.max(...parts.map(({ rung }) => rung))).toBe(result?.notes['rung'])
  })

  test('differences say right and wrong, and their sums are those of the card', async () => {
    const { service, a, b, cards } = sample()
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
    const { service, b, card } = sample()
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
    const { service, card } = sample()
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
    const { service, b, card } = sample()
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
    // A cache that somebody else has spoiled costs no picture.
    const cache = new Database(join(service.context.project.folder, 'cache.sqlite'))
    cache.exec('DROP TABLE thumbnails')
    cache.close()
    expect((await media(`${id}/thumbnail?v=${version}`)).status).toBe(200)
  })
})

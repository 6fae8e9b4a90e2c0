import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, jobEnd, packageRoot, refusal } from './open-service'
import { procedureTests } from './procedure-tests'

procedureTests('models', (sample) => {
  test('plug-ins bring the schemas of their forms', async () => {
    const { service } = sample()
    const { defenses, exporters, importers, certificates } = await ask(service, 'plugins.list', {})
    const sac = defenses.find(({ id }) => id === 'segment-and-complete')
    expect(sac?.params['properties']).toHaveProperty('threshold')
    expect(sac?.defaults['segmenter']).toBe('sac-lite')
    expect(importers.map(({ id }) => id)).toContain('coco')
    expect(exporters.find(({ id }) => id === 'yolo')).toMatchObject({ takes: 'datasets-and-runs' })
    expect(certificates.length).toBeGreaterThan(3)
  })

  test('a model file is looked at, tried, added, checked and removed', async () => {
    const { service, cards, outside } = sample()
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
})

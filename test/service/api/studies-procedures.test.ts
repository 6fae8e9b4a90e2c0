import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, jobEnd, packageRoot, refusal } from './open-service'
import { procedureTests } from './procedure-tests'

const miniature = (name: string) => join(packageRoot, 'test/fixtures/miniatures', name)

procedureTests('studies', (sample) => {
  test('D3S from a granted folder, and from a data set of the project', async () => {
    const { service } = sample()
    const { id: grant } = service.grant(miniature('d3s'), 'dialog')
    const asked = { kind: 'd3s', model: 'patchwarden-nano', withRejected: true } as const
    const chosenClasses = { tabby: 'cat' }
    const order = { ...asked, place: { grant }, chosenClasses, penalty: 2 }
    const { jobId } = await ask(service, 'studies.start', order)
    expect(await jobEnd(service, jobId)).toMatchObject({
      ...{ kind: 'study', name: 'd3s', state: 'done', summary: 'The study is done.' },
    })
    const { study, failed, result } = await ask(service, 'studies.result', { id: jobId })
    expect(study).toMatchObject({ id: jobId, folder: 'd3s', model: 'patchwarden-nano' })
    expect(failed).toBe(0)
    if (result.dataset !== 'd3s') throw new Error('a study of another data set')
    const { accuracy, probes, classes, readings } = result
    expect(accuracy).toMatchObject({ pictures: 10 })
    expect(classes.unmappedDataset).not.toContain('tabby')
    const backgrounds = accuracy?.byBackground ?? []
    const sum = backgrounds.reduce((all, { pictures }) => all + pictures, 0)
    expect(sum).toBe(accuracy?.shown.pictures)
    expect(probes?.penalized.penalty).toBe(2)
    expect(readings).toHaveLength(2)

    const imported = await ask(service, 'import.start', { grant, name: 'dreams', format: 'd3s' })
    const { datasetId } = await jobEnd(service, imported.jobId)
    const place = { dataset: datasetId ?? 0 }
    const again = await ask(service, 'studies.start', { ...order, place, name: 'again' })
    await jobEnd(service, again.jobId)
    expect((await ask(service, 'studies.result', { id: again.jobId })).result).toEqual(result)

    const { rows } = await ask(service, 'studies.list', {})
    expect(rows.map(({ id, name, hasResult }) => [id, name, hasResult])).toEqual([
      [again.jobId, 'again', true],
      [jobId, 'd3s', true],
    ])
    await ask(service, 'studies.remove', { id: jobId })
    expect((await ask(service, 'studies.list', {})).rows).toHaveLength(1)
    expect(await refusal(service, 'studies.result', { id: jobId })).toBe('E_ROW_UNKNOWN')
    // Whichever way they are removed, nothing of them stays.
    await ask(service, 'jobs.remove', { id: again.jobId })
    const { settings } = service.context.project
    for (const id of [jobId, again.jobId])
      expect([settings.get(`study ${id}`), settings.get(`job:${id}`)]).toEqual([
        undefined,
        undefined,
      ])
  })

  test('OM-ImageNet: both sides, by class and in pairs', async () => {
    const { service } = sample()
    const { id: grant } = service.grant(miniature('om-imagenet'), 'dialog')
    const { jobId } = await ask(service, 'studies.start', {
      ...{ kind: 'om-imagenet', place: { grant }, model: 'cifar10-columns', name: 'manifold' },
      chosenClasses: { car: 'automobile' },
    })
    expect(await jobEnd(service, jobId)).toMatchObject({ state: 'done', name: 'manifold' })
    const { result } = await ask(service, 'studies.result', { id: jobId })
    if (result.dataset !== 'om-imagenet') throw new Error('a study of another data set')
    const { byClass, onManifold, pairs, latents } = result
    expect(byClass.map(({ className }) => className)).toContain('car')
    expect(byClass.reduce((sum, own) => sum + own.onManifold.pictures, 0)).toBe(onManifold.pictures)
    expect(pairs.bothCorrect + pairs.bothWrong + pairs.test.onlyFirst + pairs.test.onlySecond).toBe(
      pairs.count,
    )
    expect(latents?.all.pictures).toBeGreaterThan(0)
  })

  test('what cannot be asked is refused before a job begins', async () => {
    const { service, dataset } = sample()
    const { id: grant } = service.grant(miniature('d3s'), 'dialog')
    const refused = (order: object) =>
      refusal(service, 'studies.start', { kind: 'd3s', place: { grant }, model: null, ...order })
    expect(await refused({ place: { dataset } })).toBe('E_STUDY_DATASET')
    expect(await refused({ place: { grant: 'x' } })).toBe('E_GRANT_UNKNOWN')
    expect(await refused({ model: 'no-such-model' })).toBe('E_MODEL_UNKNOWN')
    expect(await refused({ model: '/etc/passwd.onnx' })).toBe('E_MODEL_UNKNOWN')
    expect(await refused({ model: 'sac-lite' })).toBe('E_MODEL_TASK')
    expect(await refused({ kind: 'om-imagenet' })).toBe('E_INPUT_INVALID')
    const { rows } = await ask(service, 'jobs.list', { state: 'running' })
    expect(rows).toEqual([])

    const failing = await ask(service, 'studies.start', {
      ...{ kind: 'om-imagenet', place: { grant }, model: 'cifar10-columns' },
    })
    const { error } = await jobEnd(service, failing.jobId)
    expect(error?.code).toMatch(/^E_/)
    expect(await refusal(service, 'studies.result', { id: failing.jobId })).toBe(
      'E_STUDY_NO_RESULT',
    )
  })
})

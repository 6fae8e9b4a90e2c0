import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EventData } from '../../src/shared/api'
import { Media } from '../../src/service/media'
import { openProject } from '../../src/store'
import { temporaryFolder } from '../engine/temporary-folder'
import { importSample } from '../store/support'
import { ask, openService } from './api/open-service'

test('where more has changed than can be named, all is said to have changed', async () => {
  const folder = temporaryFolder()
  const project = await openProject(join(folder, 'project'))
  await importSample(project, 'many', { images: 1_001, objectsEach: 0, patchEvery: 2_000 })
  await project.close()
  await using service = await openService(folder)
  const told: EventData<'changed'>[] = []
  service.subscribe('changed', (data) => told.push(data))
  await ask(service, 'images.setStatus', { selection: { ids: [1, 2] }, status: 'reviewed' })
  await ask(service, 'undo.undo', {})
  expect(told.map(({ ids }) => ids)).toEqual([
    [1, 2],
    [1, 2],
    [1, 2],
  ])
  await ask(service, 'images.setStatus', { selection: { filter: {} }, status: 'reviewed' })
  told.length = 0
  await ask(service, 'undo.undo', {})
  expect(told.map(({ ids }) => ids)).toEqual([null, null])
  service.context.changed(
    'images',
    Array.from({ length: 10_001 }, (_, k) => k),
  )
  expect(told.at(-1)?.ids).toBe(null)
})

test('a picture that two ask for at once counts once in what is kept', async () => {
  const folder = temporaryFolder()
  const project = await openProject(join(folder, 'project'))
  await importSample(project, 'one', { images: 1, objectsEach: 0, patchEvery: 9 })
  const run = project.runs.start({
    ...{ name: 'r', kind: 'detect', manifest: {}, classNames: ['a'], total: 1 },
  })
  await project.runs.storeResult(run, {
    ...{ key: 'k', memberId: 1, file: 'f', width: 3, height: 3, detections: [] },
    ...{ masks: { raw: '09' }, notes: {}, warnings: [], stages: [] },
  })
  await project.close()
  await using service = await openService(folder)
  const { signal } = new AbortController()
  const address = `1/mask-raw?v=r${run}-x`
  const first = await new Media(service.context).answer(address, signal)
  const bytes = first.status === 200 ? first.bytes.length : 0
  expect(bytes).toBeGreaterThan(0)
  const media = new Media(service.context, Math.round(1.5 * bytes))
  await Promise.all([media.answer(address, signal), media.answer(address, signal)])
  const [one, two] = [await media.answer(address, signal), await media.answer(address, signal)]
  expect(one.status === 200 && two.status === 200 && one.bytes === two.bytes).toBe(true)
  const kept = await media.answer(address, signal)
  expect(kept.status === 200 && one.status === 200 && kept.bytes === one.bytes).toBe(true)
})

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, jobEnd, refusal } from './open-service'
import { procedureTests } from './procedure-tests'

procedureTests('import', (sample) => {
  test('a granted folder is previewed, imported and reported', async () => {
    const { service, outside } = sample()
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
    const into = job.datasetId ?? 0
    copyFileSync(join(scenes, 'desk-0010.jpg'), join(folder, 'three.jpg'))
    const more = await ask(service, 'import.start', { grant, into })
    expect(await jobEnd(service, more.jobId)).toMatchObject({
      ...{ state: 'done', datasetId: into },
      summary: '1 image added, 2 were there already, 1 left out.',
    })
    expect(await ask(service, 'import.report', { jobId: more.jobId })).toMatchObject({
      ...{ datasetId: into, images: 1, there: { images: 2, objects: 0, patches: 0 } },
    })
    expect(await refusal(service, 'import.start', { grant, into: 999 })).toBe('E_ROW_UNKNOWN')
    await ask(service, 'datasets.remove', { id: into })
    await ask(service, 'grants.drop', { grant: single })
    expect(await refusal(service, 'import.preview', { grant: single })).toBe('E_GRANT_UNKNOWN')
  })

  test('what is not granted is refused, whether or not it is there', async () => {
    const { service, outside } = sample()
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
})

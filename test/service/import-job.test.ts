import { hash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { importers } from '../../src/datasets'
import labelme from '../../src/datasets/labelme/importer'
import { checkDataset, importDataset } from '../../src/service/import-job'
import { openImportPlace } from '../../src/service/import-place'
import { Jobs } from '../../src/service/jobs'
import type { Project } from '../../src/store'
import { temporaryFolder } from '../engine/temporary-folder'
import { newProject } from '../store/support'
import { cocoFolder, manyPictures } from '../support/project-program'

const coco = importers.get('coco')
if (!coco) throw new Error('there is no COCO importer')
const order = { name: 'street', importer: coco, params: coco.params.parse({}) }

async function imported(project: Project, folder: string) {
  const place = await openImportPlace(folder, project.folder)
  try {
    return await importDataset(project, place, order)
  } finally {
    place.source.close()
  }
}

test('what the pictures hold is stored with them', async () => {
  await using project = await newProject()
  const folder = cocoFolder(join(temporaryFolder(), 'set'))
  rmSync(join(folder, 'none.png'))
  const { counts, datasetId, report } = await imported(project, folder)
  expect(counts).toMatchObject({ images: 3, missing: 1, objects: 3, patches: 2 })
  expect(report.groups().map(({ code }) => code)).toEqual(['W_IMAGE_FILE_MISSING'])
  expect(project.datasets.byId(datasetId ?? 0)).toMatchObject({ name: 'street', root: folder })
  const images = project.images.list().rows
  expect(images.map(({ file, fileState }) => [file, fileState])).toEqual([
    ['a.png', 'present'],
    ['sub/b.png', 'present'],
    ['none.png', 'missing'],
  ])
  for (const { file, sha256, width, height } of images.slice(0, 2)) {
    const bytes = readFileSync(join(folder, file))
    expect(sha256).toBe(hash('sha256', bytes))
    expect([width, height]).toEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)])
    expect(project.images.withContent(sha256 ?? '')).toHaveLength(1)
  }
  expect(project.images.facets().file).toContainEqual({ value: 'missing', images: 1 })
})

test('files of equal content are one image, and a file that comes back is seen again', async () => {
  await using project = await newProject()
  const folder = manyPictures(join(temporaryFolder(), 'many'), 5)
  rmSync(join(folder, '3.png'))
  await imported(project, folder)
  const [first, ...others] = project.images.list().rows
  expect(first?.sha256).toMatch(/^[0-9a-f]{64}$/)
  expect(project.images.withContent(first?.sha256 ?? '')).toHaveLength(4)
  expect(others.filter(({ imageId }) => imageId === first?.imageId)).toHaveLength(3)

  await project.datasets.remove(1)
  rmSync(folder, { recursive: true })
  manyPictures(folder, 5)
  await imported(project, folder)
  expect(project.images.facets().file).toContainEqual({ value: 'present', images: 5 })
  expect(project.images.facets().file).toContainEqual({ value: 'missing', images: 0 })
})

test('a cancelled import leaves the project as it was', async () => {
  await using project = await newProject()
  const place = await openImportPlace(
    manyPictures(join(temporaryFolder(), 'many'), 300),
    project.folder,
  )
  const cancelling = new AbortController()
  const reason = new Error('enough')
  const running = importDataset(project, place, order, {
    signal: cancelling.signal,
    onImage(images) {
      if (images === 100) cancelling.abort(reason)
    },
  })
  await expect(running).rejects.toBe(reason)
  expect(project.datasets.list()).toEqual([])
  expect(project.images.count().count).toBe(0)
  place.source.close()
})

test('an import pauses, edits and other imports go on meanwhile, and it goes on to the whole data set', async () => {
  await using project = await newProject()
  await imported(project, cocoFolder(join(temporaryFolder(), 'set')))
  const street = project.datasets.byName('street')
  const place = await openImportPlace(
    manyPictures(join(temporaryFolder(), 'many'), 1_000),
    project.folder,
  )
  let read = 0
  const job = new Jobs(project).start({ kind: 'import', name: 'i', manifest: {} }, (control) =>
    importDataset(
      project,
      place,
      { ...order, name: 'many' },
      {
        ...{ signal: control.signal, checkpoint: control.checkpoint },
        onImage(images) {
          read = images
          if (images === 300) job.pause()
        },
      },
    ),
  )
  await vi.waitFor(() => {
    expect(job.state).toBe('paused')
  }, 20_000)
  await sleep(300)
  const atPause = read
  expect(atPause).toBeLessThan(1_000)
  await sleep(300)
  expect(read).toBe(atPause)
  expect(project.jobs.get(job.id).state).toBe('paused')
  const [first] = project.images.list({}, { limit: 1 }).rows
  project.edits.drawPatch(first?.id ?? 0, { box: [1, 1, 9, 9], name: 'meanwhile' })
  project.datasets.rename(street.id, 'avenue')
  const another = await openImportPlace(
    cocoFolder(join(temporaryFolder(), 'other')),
    project.folder,
  )
  await importDataset(project, another, { ...order, name: 'other' })
  another.source.close()
  expect(job.state).toBe('paused')
  job.resume()
  expect((await job.finished).counts).toMatchObject({ images: 1_000, objects: 2_000 })
  expect(project.jobs.get(job.id).state).toBe('done')
  expect(project.patches({ author: 'drawn' }).rows).toMatchObject([{ name: 'meanwhile' }])
  expect(project.datasets.list().map(({ name, images }) => [name, images])).toEqual([
    ['avenue', 3],
    ['many', 1_000],
    ['other', 3],
  ])
  place.source.close()
})

test('looking at a data set stores nothing', async () => {
  await using project = await newProject()
  const place = await openImportPlace(cocoFolder(join(temporaryFolder(), 'set')), project.folder)
  const { counts, datasetId } = await checkDataset(place, order)
  expect(counts).toMatchObject({ images: 3, objects: 3, patches: 2 })
  expect(datasetId).toBeNull()
  expect(project.datasets.list()).toEqual([])
  place.source.close()
})

describe('LabelMe annotations', () => {
  async function labelled(project: Project, imagePath: string) {
    const folder = temporaryFolder()
    const points = [
      [1, 1],
      [9, 9],
    ]
    const shapes = [{ label: 'cat', points, shape_type: 'rectangle' }]
    const document = { shapes, imagePath, imageData: null, imageHeight: 20, imageWidth: 30 }
    writeFileSync(join(folder, 'a.json'), JSON.stringify(document))
    const place = await openImportPlace(folder, project.folder)
    return importDataset(project, place, { name: 'l', importer: labelme, params: {} })
  }

  test('without their pictures are imported, and the pictures are missing', async () => {
    await using project = await newProject()
    const { counts } = await labelled(project, 'a.jpg')
    expect(counts).toMatchObject({ images: 1, missing: 1, objects: 1 })
  })

  test('of pictures outside the folder are refused with the reason', async () => {
    await using project = await newProject()
    await expect(labelled(project, '../a.jpg')).rejects.toMatchObject({
      code: 'E_IMPORT_EMPTY',
      message: expect.stringContaining(
        'all that could be in it was left out (1 x E_PATH_ESCAPES_ROOT)',
      ) as string,
    })
  })
})

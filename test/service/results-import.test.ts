import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import cocoResults from '../../src/datasets/coco-results'
import { importResults } from '../../src/service/results-import'
import { Jobs } from '../../src/service/jobs'
import { runContent } from '../../src/service/run-content'
import { runReport } from '../../src/service/run-report'
import type { ImportRecord } from '../../src/shared/dataset'
import { encodeMask, polygonsToRle, rleFromText, rleToText } from '../../src/shared/vision'
import { temporaryFolder } from '../engine/temporary-folder'
import { newProject } from '../store/support'

const frame = { width: 40, height: 30 }

function* pictures(): Generator<ImportRecord> {
  yield { kind: 'category', category: { sourceId: '5', name: 'cat' } }
  for (const sourceId of ['1', '2']) {
    const image = { sourceId, file: `${sourceId}.png`, ...frame, split: null, attributes: {} }
    yield { kind: 'image', image }
  }
}

function maskText(width: number, height: number, from: number): string {
  const bits = new Uint8Array(width * height)
  bits.fill(1, from, from + 8)
  return rleToText(encodeMask({ width, height, bits }))
}

const size = [frame.height, frame.width]
const low = { image_id: 1, category_id: 5, score: 0.25 }
const high = { image_id: 1, category_id: 5, score: 0.75 }
const [lowText, highText] = [maskText(40, 30, 80), maskText(40, 30, 400)]
const outline = [[2, 2, 12, 2, 12, 9, 2, 9]]

async function imported(results: readonly object[]) {
  const project = await newProject()
  await project.datasets.import({ name: 'set', importer: 'coco', root: '/set' }, pictures())
  const path = join(temporaryFolder(), 'results.json')
  writeFileSync(path, JSON.stringify(results))
  const dataset = project.datasets.byName('set')
  const job = new Jobs(project).start({ kind: 'import', name: 'r', manifest: {} }, (control) =>
    importResults(project, { path, name: 'r', dataset }, control),
  )
  return { project, ...(await job.finished) }
}

test('results with masks keep them: as objects of a data set, and as results again', async () => {
  const results = [
    { ...low, bbox: [1, 2, 3, 4], segmentation: { size, counts: lowText } },
    { ...high, segmentation: { size, counts: highText } },
    { ...low, image_id: 2, bbox: [5, 5, 4, 4] },
    { ...low, image_id: 2, score: 0.5, segmentation: outline },
  ]
  const { project: opened, run, detections, report } = await imported(results)
  await using project = opened
  expect(report.groups()).toEqual([])
  expect(detections).toBe(4)
  const [first, second] = [...runContent(project, run).images()]
  const high_ = rleFromText(highText, frame)
  expect(first?.objects).toMatchObject([
    { score: 0.75, area: 8, shape: { mask: high_ } },
    { score: 0.25, area: 8, box: [1, 2, 3, 4], shape: { mask: rleFromText(lowText, frame) } },
  ])
  expect(second?.objects).toMatchObject([
    { score: 0.5, shape: { mask: polygonsToRle(outline, frame) } },
    { score: 0.25, box: [5, 5, 4, 4] },
  ])
  expect(second?.objects[1]).not.toHaveProperty('shape')

  let text = ''
  cocoResults.write(runReport(project, run), { write: (piece) => (text += piece) }, {})
  expect(JSON.parse(text)).toMatchObject([
    { image_id: 1, score: 0.75, segmentation: { size, counts: highText } },
    { image_id: 1, score: 0.25, segmentation: { size, counts: lowText } },
    { image_id: 2, score: 0.5, segmentation: { size } },
    { image_id: 2, score: 0.25, bbox: [5, 5, 4, 4] },
  ])
})

test('a mask of another size than its picture is left out and told', async () => {
  const counts = maskText(20, 30, 5)
  const wrong = { ...low, segmentation: { size: [30, 20], counts } }
  const { project, detections, report } = await imported([wrong, { ...high, bbox: [1, 1, 2, 2] }])
  await project.close()
  expect(detections).toBe(1)
  expect(report.groups()).toMatchObject([{ code: 'E_RLE_SIZE_MISMATCH', count: 1 }])
})

test('the job says which run it fills, from the first result on', async () => {
  await using project = await newProject()
  await project.datasets.import({ name: 'set', importer: 'coco', root: '/set' }, pictures())
  const path = join(temporaryFolder(), 'results.json')
  writeFileSync(path, JSON.stringify([{ ...low, bbox: [1, 2, 3, 4] }]))
  const dataset = project.datasets.byName('set')
  const store = vi.spyOn(project.runs, 'storeResult')
  const told: unknown[] = []
  const job = new Jobs(project).start({ kind: 'import', name: 'r', manifest: {} }, (control) => {
    store.mockImplementation((runId, ...rest) => {
      told.push([runId, project.jobs.get(control.jobId).runId])
      store.mockRestore()
      return project.runs.storeResult(runId, ...rest)
    })
    return importResults(project, { path, name: 'r', dataset }, control)
  })
  const { run } = await job.finished
  expect(told).toEqual([[run.id, run.id]])
  expect(project.jobs.get(job.id).runId).toBe(run.id)
})

import { expect, test } from 'vitest'
import { certifiedCurves } from '../../src/service/reader/certified-curves'
import { importSample, newProject } from '../store/support'

test('a curve follows the annotations, also when more than one step is taken back', async () => {
  await using project = await newProject()
  await importSample(project, 'sample', { images: 1, objectsEach: 1, patchEvery: 9 })
  const sha256 = 'a'.repeat(64)
  const [image] = project.images.list().rows
  const size = { width: 640, height: 480, storedWidth: 640, storedHeight: 480 }
  project.files.record([
    {
      fileId: image?.fileId ?? 0,
      state: 'present',
      content: { sha256, sizeBytes: 1, ...size, orientation: 1, format: 'jpeg' },
      modifiedMs: 1,
    },
  ])
  const [object] = project.objects().rows
  const [x = 0, y = 0, width = 0, height = 0] = object?.box ?? []
  const run = project.runs.start({
    ...{ name: 'proofs', kind: 'certify', manifest: {}, classNames: ['dog'], total: 1 },
  })
  await project.runs.storeResult(run, {
    ...{ key: 'k', memberId: image?.id ?? 0, file: 'f', sha256, detections: [], masks: {} },
    ...{ notes: {}, warnings: [], stages: [] },
    certificates: [
      {
        ...{ method: 'any', statement: '', threat: '', certified: true, radius: 5, unit: 'px' },
        ...{ assumptions: [], box: [x, y, x + width, y + height], class: 'dog' },
        imageDigest: sha256,
      },
    ],
  })
  const right = () => certifiedCurves(project, { run: null }).curves[0]?.right
  expect(right()).toBe(0)
  project.edits.changeObject(object?.id ?? 0, { class: 'dog' })
  project.edits.changeObject(object?.id ?? 0, { class: 'zebra' })
  expect(right()).toBe(0)
  project.undoLog.undo()
  expect(right()).toBe(1)
  project.undoLog.undo()
  expect(right()).toBe(0)
  project.undoLog.redo()
  expect(right()).toBe(1)
})

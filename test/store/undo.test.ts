import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openProject, patchStatuses, type PatchStatus, type Project } from '../../src/store'
import { importSample, newProject } from './support'

const IMAGES = 4
const box = fc.tuple(
  fc.integer({ min: 0, max: 50 }),
  fc.integer({ min: 0, max: 50 }),
  fc.double({ min: 0.5, max: 50, noNaN: true }),
  fc.integer({ min: 1, max: 50 }),
)
const member = fc.integer({ min: 1, max: IMAGES })
const pick = fc.nat(50)
const status = fc.constantFrom<PatchStatus>(...patchStatuses)

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('draw'), member, box }) },
  fc.record({ do: fc.constant('propose'), member, box, many: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('change'), pick, box }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('status'),
      pick,
      status,
      many: fc.integer({ min: 1, max: 4 }),
    }),
  },
  fc.record({ do: fc.constant('delete'), pick }),
  fc.record({ do: fc.constant('object'), member, box }),
  fc.record({ do: fc.constant('delete object'), pick }),
  fc.record({ do: fc.constant('reclass'), pick, name: fc.constantFrom('dog', 'person', 'zebra') }),
  fc.record({ do: fc.constant('mark'), member }),
  { weight: 4, arbitrary: fc.record({ do: fc.constant('undo') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('redo') }) },
  fc.record({ do: fc.constant('reopen') }),
)
type Step = Partial<{
  do: string
  member: number
  box: readonly [number, number, number, number]
  many: number
  pick: number
  status: PatchStatus
  name: string
}>

/** All that edits can change. */
function snapshot(project: Project): unknown {
  const { rows } = project.images.list()
  return {
    images: rows.map(({ id, status: state }) => ({ id, state })),
    patches: project.patches().rows,
    objects: project.objects().rows,
    facets: project.images.facets(),
  }
}

/** Makes one user action; false if it changes nothing. */
function act(
  project: Project,
  { member: image = 1, box: place = [0, 0, 1, 1], ...step }: Step,
): boolean {
  const { edits } = project
  const patches = project.patches().rows
  const objects = project.objects().rows
  const chosen = <T>(list: readonly T[]): T | undefined =>
    list[(step.pick ?? 0) % Math.max(1, list.length)]
  const patch = chosen(patches)
  const object = chosen(objects)
  switch (step.do) {
    case 'draw':
      edits.drawPatch(image, { box: place, name: 'mine', attributes: { from: 'test' } })
      return true
    case 'propose': {
      const proposal = { memberId: image, box: place }
      edits.proposePatches(
        'lite',
        { threshold: 0.5 },
        Array.from({ length: step.many ?? 1 }, () => proposal),
      )
      return true
    }
    case 'change':
      if (!patch) return false
      edits.changePatch(patch.id, { box: place })
      return JSON.stringify(patch.box) !== JSON.stringify(place)
    case 'status': {
      const some = patches.slice(0, step.many)
      edits.setPatchStatus(
        some.map(({ id }) => id),
        step.status ?? 'accepted',
      )
      return some.some((each) => each.status !== step.status)
    }
    case 'delete':
      if (patch) edits.deletePatches([patch.id])
      return patch !== undefined
    case 'object':
      edits.addObject(image, { class: 'dog', box: place })
      return true
    case 'delete object':
      if (object) edits.deleteObjects([object.id])
      return object !== undefined
    case 'reclass':
      if (!object) return false
      edits.changeObject(object.id, { class: step.name ?? 'dog' })
      return object.class !== step.name
    default: {
      const before = project.images.get(image).status
      edits.setImageStatus([image], 'reviewed')
      return before !== 'reviewed'
    }
  }
}

test('any sequence of actions, undo, redo and restarts follows the model', async () => {
  let project = await newProject()
  const steps = fc.array(step, { minLength: 5, maxLength: 16 })
  let round = 0
  await fc.assert(
    fc.asyncProperty(steps, async (sequence: Step[]) => {
      await importSample(project, `round ${++round}`, {
        images: IMAGES,
        objectsEach: 1,
        patchEvery: 2,
      })
      const first = project.images.ids({}, { backward: true, limit: IMAGES }).rows.at(-1)?.id ?? 1
      const states: unknown[] = [snapshot(project)]
      let now = 0
      for (const each of sequence) {
        if (each.do === 'undo') {
          expect(project.undoLog.undo() !== null).toBe(now > 0)
          now = Math.max(0, now - 1)
        } else if (each.do === 'redo') {
          const can = now < states.length - 1
          expect(project.undoLog.redo() !== null).toBe(can)
          if (can) now++
        } else if (each.do === 'reopen') {
          await project.close()
          project = await openProject(project.folder)
        } else {
          const moved =
            each.member === undefined ? each : { ...each, member: first + each.member - 1 }
          if (act(project, moved)) {
            states.length = ++now
            states.push(snapshot(project))
          }
        }
        expect(snapshot(project)).toEqual(states[now])
        expect(project.undoLog.state().undo === null).toBe(now === 0)
        expect(project.undoLog.state().redo === null).toBe(now === states.length - 1)
      }
      // Removing a data set ends the log: the next round begins anew.
      await project.datasets.remove(project.datasets.byName(`round ${round}`).id)
      expect(project.undoLog.state()).toEqual({ undo: null, redo: null })
    }),
    { numRuns: Number(process.env['PATCHWARDEN_UNDO_RUNS'] ?? 8) },
  )
  await project.close()
})

test('an action over many rows is one step with a name', async () => {
  const project = await newProject()
  await importSample(project, 'many', { images: 300, objectsEach: 0, patchEvery: 1 })
  const ids = project.patches({}, { limit: 250 }).rows.map(({ id }) => id)
  project.edits.setPatchStatus(ids, 'accepted')
  expect(project.undoLog.state()).toEqual({ undo: 'Accept 250 patches', redo: null })
  expect(project.images.count({ patchStatus: ['accepted'] }).count).toBe(250)
  expect(project.undoLog.undo()).toBe('Accept 250 patches')
  expect(project.images.count({ patchStatus: ['accepted'] }).count).toBe(0)
  expect(project.undoLog.list()).toMatchObject([{ name: 'Accept 250 patches', isUndone: true }])
  expect(project.undoLog.redo()).toBe('Accept 250 patches')
  expect(project.images.count({ patchStatus: ['accepted'] }).count).toBe(250)
})

test('what is proposed in parts is one step, as long as nothing else is done in between', async () => {
  const project = await newProject()
  await importSample(project, 'many', { images: 4, objectsEach: 0, patchEvery: 9 })
  const at = (memberId: number) => ({ memberId, box: [0, 0, 9, 9] as const })
  const before = project.patches().rows.length
  const propose = project.edits.proposeInParts('segmenter', {})
  propose([at(1), at(2)])
  project.edits.setImageStatus([1], 'reviewed')
  project.undoLog.undo()
  propose([])
  propose([at(3)])
  expect(project.undoLog.state()).toEqual({ undo: 'Propose 3 patches', redo: null })
  expect(project.undoLog.list()).toHaveLength(1)
  expect(project.undoLog.undo()).toBe('Propose 3 patches')
  expect(project.patches().rows).toHaveLength(before)
  // What was undone is not added to, and neither is what something else has followed.
  propose([at(4)])
  expect(project.undoLog.state()).toEqual({ undo: 'Propose 1 patch', redo: null })
  project.edits.setImageStatus([1], 'reviewed')
  propose([at(1)])
  expect(project.undoLog.list().map(({ name }) => name)).toEqual([
    'Propose 1 patch',
    'Mark 1 image as reviewed',
    'Propose 1 patch',
  ])
  await project.close()
})

test('an action that cannot be made whole leaves nothing', async () => {
  const project = await newProject()
  await importSample(project)
  const before = snapshot(project)
  const first = project.patches().rows[0]?.id ?? 0
  const wrong = [
    () => {
      project.edits.setPatchStatus([first, 9999], 'rejected')
    },
    () => {
      project.edits.deleteObjects([1, 2, 9999])
    },
    () => project.edits.drawPatch(9999, { box: [0, 0, 1, 1] }),
    () => project.edits.addObject(9999, { class: 'dog', box: [0, 0, 1, 1] }),
  ]
  for (const each of wrong) expect(each).toThrow(expect.objectContaining({ code: 'E_ROW_UNKNOWN' }))
  const invalid = [
    () => project.edits.drawPatch(1, { box: [0, 0, 0, 1] }),
    () => project.edits.drawPatch(1, { box: [0, NaN, 1, 1] }),
    () => project.edits.addObject(1, { class: '', box: [0, 0, 1, 1] }),
    () => {
      project.edits.changePatch(first, { shape: { polygons: [[0, 0, 1, 0, 1, 1]] } })
    },
  ]
  for (const each of invalid)
    expect(each).toThrow(expect.objectContaining({ code: 'E_EDIT_INVALID' }))
  expect(snapshot(project)).toEqual(before)
  expect(project.undoLog.state()).toEqual({ undo: null, redo: null })
})

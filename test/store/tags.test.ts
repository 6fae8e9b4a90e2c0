import fc from 'fast-check'
import { expect, test } from 'vitest'
import { doctor, openProject, rebuild } from '../../src/store'
import { importSample, newProject } from './support'

const tag = fc.constantFrom('blur', 'night', 'zäh "x"')

test('tags are filed, found, counted, undone, and survive a restart, the doctor and a rebuild', async () => {
  let project = await newProject()
  await importSample(project)
  const step = fc.record({
    ids: fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
    add: fc.uniqueArray(tag),
    remove: fc.uniqueArray(tag),
  })
  const tags = new Map<number, Set<string>>()
  for (const { ids, add, remove } of fc.sample(step, { numRuns: 20, seed: 3 })) {
    project.edits.tagImages(ids, add, remove)
    for (const id of ids) {
      const set = new Set([...(tags.get(id) ?? []), ...add])
      for (const one of remove) set.delete(one)
      tags.set(id, set)
    }
  }
  const expected = (name: string) =>
    [...tags]
      .filter(([, set]) => set.has(name))
      .map(([id]) => id)
      .sort((a, b) => a - b)
  const check = () => {
    for (const name of ['blur', 'night', 'zäh "x"']) {
      expect(project.images.allIds({ tag: [name] })).toEqual(expected(name))
      expect(project.images.facets().tag.find(({ value }) => value === name)?.images ?? 0).toBe(
        expected(name).length,
      )
    }
    for (const [id, set] of tags) expect(project.images.get(id).tags).toEqual([...set].sort())
  }
  check()
  project.edits.tagImages([1, 2, 3], ['blur', 'new'], ['night'])
  expect(project.undoLog.state().undo).toBe('Tag 3 images: blur, new, not night')
  project.undoLog.undo()
  check()
  await project.close()
  expect(await doctor(project.folder)).toEqual([])
  await rebuild(project.folder)
  expect(await doctor(project.folder)).toEqual([])
  project = await openProject(project.folder)
  check()
  expect(() => {
    project.edits.tagImages([1], [''], [])
  }).toThrow(expect.objectContaining({ code: 'E_EDIT_INVALID' }))
  await project.datasets.remove(1)
  expect(project.images.facets().tag).toEqual([])
  await project.close()
})

test('an action names the pictures that it touches', async () => {
  const project = await newProject()
  await importSample(project)
  const box = [1, 1, 9, 9] as const
  const patch = project.edits.drawPatch(5, { box })
  const touched = () => project.undoLog.imagesOf(project.undoLog.next('undo')?.id ?? 0)
  expect(touched()).toEqual([5])
  project.edits.deletePatches([patch])
  expect(touched()).toEqual([5])
  project.edits.addObject(7, { class: 'dog', box })
  expect(touched()).toEqual([7])
  project.edits.setImageStatus([2, 9], 'excluded')
  expect(touched()).toEqual([2, 9])
  await project.close()
})

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Grants, type PlaceGrant } from '../../src/service/grants'
import { temporaryFolder } from '../engine/temporary-folder'

test('what lies in a folder may be written to where the folder may, and not else', () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'inside'))
  writeFileSync(join(folder, 'inside', 'a.txt'), '')
  const grants = new Grants()
  const taken = (id: string, writable: boolean): PlaceGrant => {
    const grant = { id, name: 'f', kind: 'folder' as const, paths: [folder], writable }
    grants.take({ ...grant, origin: writable ? 'dialog' : 'drop' })
    return grants.get(id)
  }
  const dropped = taken('dropped', false)
  for (const path of ['', 'inside', 'inside/a.txt'])
    expect(grants.within(dropped.id, path).writable).toBe(false)
  const chosen = taken('chosen', true)
  const inside = grants.within(chosen.id, 'inside')
  expect(inside.writable).toBe(true)
  expect(grants.within(chosen.id, 'inside')).toBe(inside)
  expect(grants.within(dropped.id, 'inside').writable).toBe(false)
  // A grant that was dropped is made anew.
  grants.drop(inside.id)
  const again = grants.within(chosen.id, 'inside')
  expect(again.writable).toBe(true)
  expect(again.id).not.toBe(inside.id)
})

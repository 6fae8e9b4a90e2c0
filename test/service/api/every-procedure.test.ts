import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { procedures } from '../../../src/shared/api'
import { declaredProcedures } from './declared-procedures'

test('every procedure is asked in one of the files', () => {
  const declared = Object.values(declaredProcedures).flat().sort()
  expect(declared).toEqual(Object.keys(procedures).sort())
})

test('every file of such tests is there, and is known', () => {
  const subjects = readdirSync(import.meta.dirname).flatMap(
    (name) => /^(.+)-procedures\.test\.ts$/.exec(name)?.[1] ?? [],
  )
  expect(subjects.sort()).toEqual(Object.keys(declaredProcedures).sort())
})

import fc from 'fast-check'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { procedures, type ProcedureName } from '../../../src/shared/api'
import type { Service } from '../../../src/service/create-service'
import { temporaryFolder } from '../../engine/temporary-folder'
import { fitting } from './arbitrary'
import { ask, openService } from './open-service'
import { copySampleProject } from './sample-project'

// Whatever comes in, what goes out is an answer that fits its schema or a refusal with a code; nothing else happens.

let service: Service & { readonly folder: string }
const granted = temporaryFolder()
const folder = temporaryFolder()

/** They start processes or the whole sample, which the other tests do. */
const heavy = new Set<ProcedureName>([
  'project.addSample',
  'models.verify',
  'models.try',
  'project.doctor',
])
const names = (Object.keys(procedures) as ProcedureName[]).filter((name) => !heavy.has(name)) // keys of a constant

beforeAll(async () => {
  await copySampleProject(join(folder, 'project'))
  service = await openService(folder, [granted])
})
afterAll(async () => {
  await service.close()
})

async function call(name: string, input: unknown): Promise<void> {
  const answer = await service.answer(name, input, AbortSignal.timeout(20_000))
  if (answer.ok) {
    const procedure = Object.entries(procedures).find(([own]) => own === name)?.[1]
    expect(procedure?.output.safeParse(answer.value).error).toBeUndefined()
    return
  }
  expect(answer.error.code).toMatch(/^[EW]_[A-Z0-9_]+$/)
  // A fault of ours, and not of the world, is what this looks for.
  expect([name, input, answer.error]).toEqual([
    name,
    input,
    expect.not.objectContaining({ code: 'E_INTERNAL' }),
  ])
  expect(answer.error.message).not.toBe('')
  expect(answer.error.hint).not.toBe('')
}

test.each(names)('%s, from its schema', async (name) => {
  const runs = procedures[name].effect === 'read' ? 20 : 12
  await fc.assert(
    fc.asyncProperty(fitting(procedures[name].input), (input) => call(name, input)),
    { numRuns: runs, seed: 7, endOnFailure: true },
  )
})

test('raw: any JSON to any name', async () => {
  const name = fc.oneof(
    fc.constantFrom<string>(...names),
    fc.constantFrom('__proto__', 'constructor', 'toString', '', 'images.', 'IMAGES.IDS'),
    fc.string(),
  )
  const input = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(undefined, null, [], 'x', 1e308, { id: '1' }, { id: -1 }, { id: 1.5 }),
  )
  await fc.assert(fc.asyncProperty(name, input, call), { numRuns: 400, seed: 11 })
})

test('afterwards the project is whole, and nothing was written outside of it', async () => {
  expect(await ask(service, 'project.doctor', {})).toEqual({ findings: [] })
  expect(readdirSync(granted)).toEqual([])
  expect(readdirSync(service.folder).sort()).toEqual(expect.arrayContaining(['project']))
})

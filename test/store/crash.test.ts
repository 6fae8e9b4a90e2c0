import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { doctor, openProject, type Project } from '../../src/store'
import { seededRandom } from '../../src/shared/random'
import { temporaryFolder } from '../engine/temporary-folder'
import { allRows } from './support'

const KILLS = Number(process.env['PATCHWARDEN_KILLS'] ?? 20)
const root = join(import.meta.dirname, '../..')
// Inside the checkout, so that the program finds its packages.
const programs = join(root, 'out', `store-crash-${process.pid}`)

beforeAll(async () => {
  mkdirSync(programs, { recursive: true })
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: join(import.meta.dirname, 'crash-child.ts'),
      outDir: programs,
      target: 'node22',
      rolldownOptions: { output: { format: 'es', entryFileNames: 'child.mjs' } },
    },
  })
})

afterAll(() => {
  rmSync(programs, { recursive: true, force: true })
})

/** Runs the child until it has confirmed so many things, kills it, and answers what it had confirmed. */
function confirmedUntilKilled(folder: string, seed: number, after: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(programs, 'child.mjs'), folder, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
    if (text.split('\n').length > after) child.kill('SIGKILL')
  })
  return new Promise((resolve) => {
    child.on('close', () => {
      // A line without its end was not said to the end.
      resolve(text.split('\n').slice(0, -1))
    })
  })
}

function runToTheEnd(folder: string): Promise<number | null> {
  const args = [join(programs, 'child.mjs'), folder, '0', 'to the end']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  return new Promise((resolve) => child.on('close', resolve))
}

/** Everything that was confirmed is there once; nothing is there by halves. */
function check(project: Project, confirmed: readonly string[]): void {
  const of = (what: string): string[] =>
    confirmed
      .filter((line) => line.startsWith(`${what} `))
      .map((line) => line.slice(what.length + 1))
  const run = project.runs.list().rows[0]?.id ?? 0
  const keys = allRows((page) => project.runs.items(run, 'all', page), 500).map(({ key }) => key)
  expect(new Set(keys).size).toBe(keys.length)
  expect(keys).toEqual(expect.arrayContaining(of('result')))
  const job = project.jobs.list().rows[0]?.id ?? 0
  const done = allRows((page) => project.jobs.items(job, 'done', page), 500).map(({ key }) => key)
  expect(done).toEqual(expect.arrayContaining(of('item')))
  expect(keys).toEqual(expect.arrayContaining(done))
  const drawn = allRows((page) => project.patches({ author: 'drawn' }, page), 500).map(
    ({ name }) => name,
  )
  expect(new Set(drawn).size).toBe(drawn.length)
  expect(drawn).toEqual(expect.arrayContaining(of('edit')))
  const sets = project.datasets.list()
  expect(sets.map(({ name }) => name)).toEqual(expect.arrayContaining(of('import')))
  expect(new Set(sets.map(({ images }) => images))).toEqual(new Set(sets.length > 0 ? [40] : []))
  if (drawn.length > 0) expect(project.undoLog.state().undo).toBe('Draw a patch')
}

test(
  `${KILLS} kills during import, run, job and edit lose and double nothing`,
  async () => {
    const folder = join(temporaryFolder(), 'project')
    const random = seededRandom(Date.now())
    const confirmed: string[] = []
    for (let kill = 1; kill <= KILLS; kill++) {
      const after = 1 + Math.floor(random() * 45)
      const said = await confirmedUntilKilled(folder, kill, after)
      expect(said.length).toBeGreaterThanOrEqual(after)
      confirmed.push(...said)
      await using project = await openProject(folder, { readonly: true })
      check(project, confirmed)
    }
    expect((await doctor(folder)).map(({ code }) => code)).toEqual(['W_LOCK_STALE'])

    expect(await runToTheEnd(folder)).toBe(0)
    await using project = await openProject(folder)
    check(project, confirmed)
    const keys = allRows((page) => project.runs.items(1, 'all', page), 500).map(({ key }) => key)
    expect(keys.toSorted()).toEqual(Array.from({ length: 400 }, (_, k) => `key-${k}`).toSorted())
    expect(project.jobs.get(1)).toMatchObject({ total: 400, done: 400, running: 0, failed: 0 })
    await project.close()
    expect(await doctor(folder)).toEqual([])
  },
  100_000 + 15_000 * KILLS,
)

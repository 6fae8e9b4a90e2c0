import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { seededRandom } from '../../src/shared/random'
import {
  errorCodes,
  expectPlainMessages,
  startPatchwarden,
  temporaryFolder,
} from '../support/program'
import { manyPictures, withProject } from '../support/project-program'
import { folderWithPhotos } from '../support/scene-photos'
import { canMount, withTinyDisk } from '../support/tiny-disk'

const { photos } = folderWithPhotos(6)

/** How often the program is killed in all; many more in a long test by night. */
const crashes = Number(process.env['CRASHES'] ?? 6)
const seed = Number(process.env['SEED'] ?? 1)
const random = seededRandom(seed)

const datasets = z.array(z.object({ name: z.string(), images: z.number() }))
const runs = z.array(z.object({ state: z.string(), done: z.number() }))

type Program = ReturnType<typeof withProject>

/** Runs a command and kills it, unless it is quicker. Answers how long the command may take at most. */
async function killSometime(program: Program, args: readonly string[], longestMs: number) {
  const { child, ended } = startPatchwarden(args, { env: program.env })
  const timer = setTimeout(() => child.kill('SIGKILL'), random() * longestMs)
  await ended
  clearTimeout(timer)
  const doctor = await program.run(['doctor'])
  // A project that was killed before it was made is none yet.
  if (doctor.stdout.includes('E_PROJECT_NOT_FOUND')) return
  expect(doctor.stdout).not.toMatch(/^E_/m)
  expect(doctor.code).toBe(0)
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await act()
  return performance.now() - start
}

describe(`killed ${crashes} times (seed ${seed})`, () => {
  const each = Math.ceil(crashes / 3)

  test('an import is whole or not there, and what comes of it is the same', async () => {
    const root = temporaryFolder()
    const images = 2_000
    const set = manyPictures(join(root, 'set'), images)
    const args = ['import', set, '--dataset', 'many']
    const calm = withProject(join(root, 'calm'))
    const longest = await timed(() => calm.json(args))
    const exportArgs = ['export', '--dataset', 'many', '--format', 'coco']
    const expected = await calm.run(exportArgs)
    for (let k = 0; k < each; k++) {
      const folder = join(root, `crashed-${k}`)
      const program = withProject(folder)
      await killSometime(program, args, longest)
      // Killed while the project was made, there is none yet: nothing was promised, and the next import makes it.
      const listed = await program.run(['datasets', '--json'])
      const found = listed.stderr.includes('E_PROJECT_NOT_FOUND')
        ? []
        : datasets.parse(JSON.parse(listed.stdout))
      if (found.length === 0) await program.json(args)
      else expect(found).toEqual([expect.objectContaining({ name: 'many', images })])
      expect((await program.run(exportArgs)).stdout).toBe(expected.stdout)
    }
  }, 600_000)

  test('a run keeps what it has stored, and goes on to the same results', async () => {
    const root = temporaryFolder()
    const args = ['defend', '--dataset', 'photos', '--store', '--workers', '1']
    const exportArgs = ['export', '--run', '1', '--format', 'jsonl']
    const calm = withProject(join(root, 'calm'))
    await calm.json(['import', photos, '--dataset', 'photos'])
    const longest = await timed(() => calm.json(args))
    const expected = await calm.run(exportArgs)
    const program = withProject(join(root, 'crashed'))
    await program.json(['import', photos, '--dataset', 'photos'])
    let before = 0
    for (let k = 0; k < each; k++) {
      await killSometime(program, args, longest)
      const [run] = runs.parse(await program.json(['runs']))
      expect(run?.done ?? 0).toBeGreaterThanOrEqual(before)
      before = run?.done ?? 0
    }
    await program.json(args)
    expect(runs.parse(await program.json(['runs']))).toMatchObject([{ state: 'finished', done: 6 }])
    expect((await program.run(exportArgs)).stdout).toBe(expected.stdout)
  }, 600_000)

  test('an export is whole or not there', async () => {
    const root = temporaryFolder()
    const program = withProject(join(root, 'project'))
    await program.json(['import', manyPictures(join(root, 'set'), 2_000), '--dataset', 'many'])
    const args = ['export', '--dataset', 'many', '--format', 'coco', '--out']
    const calm = join(root, 'calm.json')
    const longest = await timed(() => program.json([...args, calm]))
    for (let k = 0; k < each; k++) {
      const out = join(root, `crashed-${k}.json`)
      await killSometime(program, [...args, out], longest)
      if (!existsSync(out)) await program.json([...args, out])
      expect(readFileSync(out)).toEqual(readFileSync(calm))
    }
  }, 600_000)
})

describe.skipIf(!canMount)('on a disk that is full', () => {
  const grow = (disk: string) => {
    execFileSync('mount', ['-o', 'remount,size=65536k', disk])
  }

  test('an import says so, stores nothing, and goes on when there is space', async () => {
    const root = temporaryFolder()
    const set = manyPictures(join(root, 'set'), 4_000)
    await withTinyDisk(1_400, async (disk) => {
      const program = withProject(join(disk, 'project'))
      const args = ['import', set, '--dataset', 'many']
      const ended = await program.run(args)
      expect(ended.code).toBe(2)
      expect(errorCodes(ended.stderr)).toEqual(['E_DISK_FULL'])
      expectPlainMessages(ended.stderr)
      grow(disk)
      expect((await program.run(['doctor'])).stdout).not.toMatch(/^E_/m)
      await program.json(args)
      expect(datasets.parse(await program.json(['datasets']))).toMatchObject([{ images: 4_000 }])
    })
  }, 120_000)

  test('a run keeps what it has, and goes on when there is space', async () => {
    await withTinyDisk(8_192, async (disk) => {
      const program = withProject(join(disk, 'project'))
      await program.json(['import', photos, '--dataset', 'photos'])
      const filler = join(disk, 'filler')
      const { bavail, bsize } = statfsSync(disk)
      // A little is left, for the run to begin with.
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 72 * 1024)))
      const args = ['defend', '--dataset', 'photos', '--store']
      const ended = await program.run(args)
      expect(ended.code).toBe(2)
      expect(errorCodes(ended.stderr)).toEqual(['E_DISK_FULL'])
      expectPlainMessages(ended.stderr)
      rmSync(filler)
      await program.json(args)
      expect(runs.parse(await program.json(['runs']))).toMatchObject([
        { state: 'finished', done: 6 },
      ])
      expect((await program.run(['doctor'])).code).toBe(0)
    })
  }, 120_000)

  test('an export leaves nothing there, and is written when there is space', async () => {
    const root = temporaryFolder()
    const program = withProject(join(root, 'project'))
    await program.json(['import', manyPictures(join(root, 'set'), 4_000), '--dataset', 'many'])
    await withTinyDisk(128, async (disk) => {
      const out = join(disk, 'out.json')
      const args = ['export', '--dataset', 'many', '--format', 'coco', '--out', out]
      const ended = await program.run(args)
      expect(ended.code).toBe(2)
      expect(errorCodes(ended.stderr)).toEqual(['E_DISK_FULL'])
      expect(existsSync(out)).toBe(false)
      grow(disk)
      await program.json(args)
      expect(existsSync(out)).toBe(true)
    })
  }, 120_000)
})

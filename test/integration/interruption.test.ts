import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  bytesBelow,
  childrenOf,
  type Ended,
  errorCodes,
  expectPlainMessages,
  filesBelow,
  isRunning,
  type ProgramOptions,
  patchwarden,
  startPatchwarden,
  temporaryFolder,
  until,
} from '../support/program'
import { folderWithPhotos } from '../support/scene-photos'

const PHOTOS = 6
const { root, photos } = folderWithPhotos(PHOTOS)
const canSeeProcesses = process.platform === 'linux'

/** Results and pictures go to the working folder, so that runs in different folders can be compared byte by byte. */
function args(workers: number, ...more: string[]): string[] {
  const outputs = ['--out', 'r.jsonl', '--masks', 'masks', '--annotated', 'pictures']
  return ['defend', photos, ...outputs, '--workers', String(workers), '--threads', '1', ...more]
}

const entriesIn = (partial: string): number =>
  existsSync(partial) ? readFileSync(partial, 'utf8').split('\n').length - 2 : 0

/** Starts a run, waits until some photographs are done, does something to it, and waits for its end. */
async function disturbed(
  folder: string,
  given: readonly string[],
  disturb: (pid: number) => void,
  options: ProgramOptions = {},
): Promise<Ended & { readonly workers: readonly number[] }> {
  const { child, ended } = startPatchwarden(given, { ...options, cwd: folder })
  const pid = child.pid ?? 0
  await until(() => entriesIn(join(folder, 'r.jsonl.partial')) >= 2 || child.exitCode !== null)
  const workers = childrenOf(pid)
  disturb(pid)
  return { ...(await ended), workers }
}

let whole: Record<string, string>

beforeAll(async () => {
  const folder = join(root, 'whole')
  mkdirSync(folder)
  const { code, stderr } = await patchwarden(args(1), { cwd: folder })
  expect(code, stderr).toBe(0)
  whole = bytesBelow(folder)
  expect(Object.keys(whole)).toHaveLength(2 * PHOTOS + 1)
})

test('three workers give the bytes of one', async () => {
  const folder = temporaryFolder()
  const { code } = await patchwarden(args(3), { cwd: folder })
  expect(code).toBe(0)
  expect(bytesBelow(folder)).toEqual(whole)
})

describe('Ctrl-C in the middle of a run', () => {
  test('keeps what is done; --resume computes the rest only, to the same bytes', async () => {
    const folder = temporaryFolder()
    const partial = join(folder, 'r.jsonl.partial')
    const { code, stdout, stderr, workers } = await disturbed(folder, args(2), (pid) => {
      process.kill(pid, 'SIGINT')
    })
    expect(code, stderr).toBe(130)
    expect(stdout).toBe('')
    expect(stderr).toMatch(new RegExp(`^interrupted: [2-5] of ${PHOTOS} photographs done$`, 'm'))
    expect(stderr).toContain('hint: the same command with --resume')
    expectPlainMessages(stderr)
    if (canSeeProcesses) expect(workers).toHaveLength(2)
    expect(workers.filter(isRunning)).toEqual([])
    expect(existsSync(join(folder, 'r.jsonl'))).toBe(false)
    const done = entriesIn(partial)
    expect(done).toBeGreaterThanOrEqual(2)
    expectWholePictures(folder)

    const before = timesBelow(folder)
    const resumed = await patchwarden(args(1, '--resume'), { cwd: folder })
    expect(resumed.code, resumed.stderr).toBe(0)
    expect(resumed.stderr).toContain(`${done} taken over from the interrupted run`)
    expect(bytesBelow(folder)).toEqual(whole)
    const untouched = Object.entries(before).filter(([name, time]) => {
      return statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs === time
    })
    expect(untouched.length).toBeGreaterThanOrEqual(2 * done)
  })

  test('ends soon although a model runs', async () => {
    const folder = temporaryFolder()
    let start = 0
    await disturbed(folder, args(1), (pid) => {
      start = performance.now()
      process.kill(pid, 'SIGINT')
    })
    // A second on a free machine; tests share theirs.
    expect(performance.now() - start).toBeLessThan(4_000)
  })

  test('without --out prints what is done', async () => {
    const { code, stdout } = await patchwarden(
      ['defend', photos, '--format', 'jsonl', '--workers', '1', '--threads', '1'],
      { interruptOn: 'defend [' },
    )
    expect(code).toBe(130)
    const lines = stdout.split('\n').slice(0, -1)
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.length).toBeLessThan(PHOTOS)
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow()
  })

  test('in segment leaves whole masks', async () => {
    const folder = temporaryFolder()
    const { code, stderr } = await patchwarden(
      ['segment', photos, '--out', 'masks', '--workers', '1', '--threads', '1'],
      { cwd: folder, interruptOn: 'segment [' },
    )
    expect(code).toBe(130)
    expect(stderr).toMatch(new RegExp(`^interrupted: [1-5] masks? of ${PHOTOS} written`, 'm'))
    const masks = filesBelow(join(folder, 'masks'))
    expect(masks.length).toBeGreaterThan(0)
    for (const name of masks) expect(name).toMatch(/^[a-z]+-\d+\.png$/)
  })
})

describe('--resume', () => {
  test('after the whole program was killed', async () => {
    const folder = temporaryFolder()
    const { code, workers } = await disturbed(folder, args(2), (pid) => {
      process.kill(pid, 'SIGKILL')
    })
    expect(code).toBeNull()
    await until(() => !workers.some(isRunning))
    expect(existsSync(join(folder, 'r.jsonl'))).toBe(false)
    expectWholePictures(folder)
    const resumed = await patchwarden(args(2, '--resume'), { cwd: folder })
    expect(resumed.code, resumed.stderr).toBe(0)
    expect(resumed.stderr).toMatch(/[2-5] taken over/)
    expect(bytesBelow(folder)).toEqual(whole)
  })

  test('never mixes runs: other settings are refused, no setting begins anew', async () => {
    const folder = temporaryFolder()
    const partial = join(folder, 'r.jsonl.partial')
    await disturbed(folder, args(1), (pid) => process.kill(pid, 'SIGINT'))
    const kept = readFileSync(partial)
    for (const other of [
      ['--set', 'fill=black'],
      ['--score-threshold', '0.4'],
      ['--seed', '7'],
    ]) {
      const { code, stderr } = await patchwarden(args(1, '--resume', ...other), { cwd: folder })
      expect(code).toBe(2)
      expect(errorCodes(stderr)).toEqual(['E_RESUME_OTHER_RUN'])
      expect(readFileSync(partial)).toEqual(kept)
    }
    const anew = await patchwarden(args(2), { cwd: folder })
    expect(anew.code).toBe(0)
    expect(anew.stderr).not.toContain('taken over')
    expect(bytesBelow(folder)).toEqual(whole)
  })

  test('computes again what has changed or is missing', async () => {
    const folder = temporaryFolder()
    const own = join(folder, 'photos')
    cpSync(photos, own, { recursive: true, preserveTimestamps: true })
    const given = args(1).map((arg) => (arg === photos ? 'photos' : arg))
    await disturbed(folder, given, (pid) => process.kill(pid, 'SIGINT'))
    const done = entriesIn(join(folder, 'r.jsonl.partial'))
    const [first = '', second = ''] = filesBelow(own)
    utimesSync(join(own, first), 1e9, 1e9)
    rmSync(join(folder, 'masks', second.replace('.jpg', '.png')))
    const { code, stderr } = await patchwarden([...given, '--resume'], { cwd: folder })
    expect(code).toBe(0)
    expect(stderr).toContain(`${PHOTOS} photographs, `)
    if (done > 2) expect(stderr).toContain(`${done - 2} taken over`)
    else expect(stderr).not.toContain('taken over')
    rmSync(own, { recursive: true })
    expect(bytesBelow(folder)).toEqual(whole)
  })

  test('of nothing is a run like any other', async () => {
    const folder = temporaryFolder()
    const [first = ''] = filesBelow(photos)
    copyFileSync(join(photos, first), join(folder, first))
    const { code } = await patchwarden(['detect', first, '--out', 'r.json', '--resume'], {
      cwd: folder,
    })
    expect(code).toBe(0)
    expect(filesBelow(folder)).toEqual([first, 'r.json'].sort())
  })
})

test.skipIf(!canSeeProcesses)(
  'a worker that is killed is replaced, to the same bytes (needs /proc)',
  async () => {
    const folder = temporaryFolder()
    const { code, stderr, workers } = await disturbed(folder, args(2), (pid) => {
      process.kill(childrenOf(pid)[0] ?? 0, 'SIGKILL')
    })
    expect(code, stderr).toBe(0)
    expect(workers).toHaveLength(2)
    expectPlainMessages(stderr)
    expect(bytesBelow(folder)).toEqual(whole)
  },
)

/** Under their final names pictures are those of a whole run, and no temporary file is left. */
function expectWholePictures(folder: string): void {
  for (const [name, bytes] of Object.entries(bytesBelow(folder))) {
    if (name === 'r.jsonl.partial') continue
    expect(whole[name], name).toBe(bytes)
  }
}

function timesBelow(folder: string): Record<string, number> {
  return Object.fromEntries(
    filesBelow(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]),
  )
}

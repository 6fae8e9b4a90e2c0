import { execFileSync } from 'node:child_process'
import {
  cpSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { bytesBelow, errorCodes, expectPlainMessages, temporaryFolder } from '../support/program'
import { cocoFolder, fixtures, manyPictures, withProject } from '../support/project-program'

const imported = z.object({
  dataset: z.string(),
  format: z.string(),
  counts: z.object({ images: z.number(), objects: z.number(), patches: z.number() }),
  problems: z.array(z.object({ code: z.string(), decision: z.string(), count: z.number() })),
})
const listed = z.array(z.object({ name: z.string(), images: z.number(), root: z.string() }))

test('says what it found, imports it, and says what came in', async () => {
  const root = temporaryFolder()
  const folder = cocoFolder(join(root, 'set'))
  const before = bytesBelow(folder)
  const { run, json } = withProject(join(root, 'project'))
  const ended = await run(['import', folder, '--dataset', 'street', '--json'])
  expect(ended.code).toBe(0)
  expectPlainMessages(ended.stderr)
  expect(ended.stderr).toMatch(/^found: COCO annotations with 3 images and 5 objects/)
  expect(ended.stderr).toContain('imported as "street": 3 images, 3 objects, 2 patches, 1 class')
  expect(imported.parse(JSON.parse(ended.stdout))).toMatchObject({
    dataset: 'street',
    format: 'coco',
    counts: { images: 3, objects: 3, patches: 2 },
    problems: [],
  })
  expect(listed.parse(await json(['datasets']))).toMatchObject([
    { name: 'street', images: 3, root: folder },
  ])
  expect(bytesBelow(folder)).toEqual(before)

  const again = await run(['import', folder, '--dataset', 'street'])
  expect(again.code).toBe(2)
  expect(errorCodes(again.stderr)).toEqual(['E_DATASET_EXISTS'])
  expect(listed.parse(await json(['datasets']))).toHaveLength(1)
})

test('adds to a data set that is there, without doubling what it has', async () => {
  const root = temporaryFolder()
  const { run, json } = withProject(join(root, 'project'))
  await json(['import', cocoFolder(join(root, 'set')), '--dataset', 'street'])
  const more = cocoFolder(join(root, 'more'))
  cpSync(join(more, 'a.png'), join(more, 'new.png'))
  const ended = await run(['import', more, '--into', 'street', '--format', 'folder'])
  expect(ended.code).toBe(0)
  expectPlainMessages(ended.stderr)
  expect(ended.stderr).toContain(
    'added to "street": 1 image, 0 objects; already there: 3 images, 0 objects',
  )
  expect(listed.parse(await json(['datasets']))).toMatchObject([{ name: 'street', images: 4 }])
  for (const [args, code] of [
    [['--into', 'avenue'], 'E_DATASET_UNKNOWN'],
    [['--into', 'street', '--dataset', 'street'], 'E_USAGE'],
    [[], 'E_USAGE'],
  ] as const) {
    const refused = await run(['import', more, ...args])
    expect(refused.code).toBe(2)
    expect(errorCodes(refused.stderr)).toEqual([code])
  }
})

test('a dry run tells the same and stores nothing', async () => {
  const root = temporaryFolder()
  const project = join(root, 'project')
  const { run } = withProject(project)
  const ended = await run(['import', cocoFolder(join(root, 'set')), '--dataset', 'x', '--dry-run'])
  expect(ended.code).toBe(0)
  expect(ended.stderr).toContain('would be imported as "x": 3 images, 3 objects, 2 patches')
  expect(existsSync(join(project, 'project.sqlite'))).toBe(false)
})

describe('what is wrong', () => {
  /** A hostile annotation file beside the pictures that it speaks of. */
  function hostile(root: string, name: string): string {
    const folder = join(root, 'set')
    mkdirSync(folder)
    cpSync(join(fixtures, 'miniatures/hostile/coco', name), join(folder, name))
    const pictures = join(fixtures, 'miniatures/hostile/images')
    if (existsSync(pictures)) cpSync(pictures, join(folder, 'images'), { recursive: true })
    return join(folder, name)
  }

  test('is listed by code, and ends with exit code 1 where something was left out', async () => {
    const root = temporaryFolder()
    const { run } = withProject(join(root, 'project'))
    const file = hostile(root, 'nan-bbox.json')
    for (const ending of ['json', 'csv']) {
      const report = join(root, `report.${ending}`)
      const args = ['import', file, '--dataset', ending, '--report', report, '--json']
      const ended = await run(args)
      expect(ended.code).toBe(1)
      expectPlainMessages(ended.stderr)
      expect(ended.stderr).toContain('1 x E_BBOX_NOT_FINITE (record left out)')
      expect(readFileSync(report, 'utf8')).toContain('E_BBOX_NOT_FINITE')
      const { problems } = imported.parse(JSON.parse(ended.stdout))
      expect(problems).toContainEqual(
        expect.objectContaining({ code: 'E_BBOX_NOT_FINITE', decision: 'skip-record', count: 1 }),
      )
    }
  })

  test('is refused as a whole with exit code 2, and the project is as before', async () => {
    const root = temporaryFolder()
    const { run, json } = withProject(join(root, 'project'))
    await json(['import', cocoFolder(join(root, 'good')), '--dataset', 'good'])
    const ended = await run(['import', hostile(root, 'truncated.json'), '--dataset', 'bad'])
    expect(ended.code).toBe(2)
    expect(errorCodes(ended.stderr)).toEqual(['E_JSON_TRUNCATED'])
    expect(listed.parse(await json(['datasets'])).map(({ name }) => name)).toEqual(['good'])
  })

  test.each([
    [['nowhere', '--dataset', 'x'], 'E_FILE_NOT_FOUND'],
    [['.', '--dataset', 'x', '--format', 'nonsense'], 'E_USAGE'],
    [['.', '--dataset', 'x', '--format', 'coco', '--set', 'nonsense=1'], 'E_SETTING_UNKNOWN'],
    [['.'], 'E_USAGE'],
    [['.', '--dataset', 'x', '--report', 'report.txt'], 'E_USAGE'],
    [['.', '--dataset', 'x'], 'E_FORMAT_NOT_RECOGNIZED'],
  ])('of the command line: %j is %s', async (args, code) => {
    const root = temporaryFolder()
    const { run } = withProject(join(root, 'project'))
    const ended = await run(['import', ...args], { cwd: root })
    expect(ended.code).toBe(2)
    expect(errorCodes(ended.stderr)).toEqual([code])
  })
})

test('pictures of an archive are kept in the project, and go with their data set', async () => {
  const root = temporaryFolder()
  const project = join(root, 'project')
  const { run, json } = withProject(project)
  const folder = cocoFolder(join(root, 'set'))
  const archive = join(root, 'set.zip')
  const zip = new ZipFile()
  for (const name of ['annotations.json', 'a.png', 'sub/b.png', 'none.png']) {
    zip.addFile(join(folder, name), name)
  }
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(archive))
  await json(['import', archive, '--dataset', 'zipped'])
  const [dataset] = listed.parse(await json(['datasets']))
  const kept = dataset?.root ?? ''
  expect(readdirSync(kept).sort()).toEqual(['a.png', 'none.png', 'sub'])
  expect(readFileSync(join(kept, 'sub/b.png'))).toEqual(readFileSync(join(folder, 'sub/b.png')))

  const unsure = await run(['datasets', 'remove', 'zipped'])
  expect(unsure.code).toBe(2)
  expect(errorCodes(unsure.stderr)).toEqual(['E_NOT_CONFIRMED'])
  expect((await run(['datasets', 'remove', 'zipped', '--yes'])).code).toBe(0)
  expect(existsSync(kept)).toBe(false)
  expect(listed.parse(await json(['datasets']))).toEqual([])
})

test('a list of detections is refused with advice, and imported as a run', async () => {
  const root = temporaryFolder()
  const { run, json } = withProject(join(root, 'project'))
  await json(['import', cocoFolder(join(root, 'set')), '--dataset', 'street'])
  const results = join(fixtures, 'formats/coco/results.json')
  const refused = await run(['import', results, '--dataset', 'more', '--format', 'coco'])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('W_IS_RESULTS_FILE')
  expect(refused.stderr).toContain('--as-run')

  await run(['import', results, '--as-run', 'theirs', '--dataset', 'street'])
  const runs = z.array(z.object({ name: z.string(), detections: z.number(), done: z.number() }))
  const [theirs] = runs.parse(await json(['runs']))
  expect(theirs).toMatchObject({ name: 'theirs', done: 3 })
  const given = z.array(z.unknown()).parse(JSON.parse(readFileSync(results, 'utf8')))
  expect(theirs?.detections).toBeGreaterThan(0)
  expect(theirs?.detections).toBeLessThanOrEqual(given.length)
  await run(['import', results, '--as-run', 'theirs', '--dataset', 'street'])
  expect(runs.parse(await json(['runs']))).toHaveLength(1)
})

test('an interrupted import leaves nothing behind', async () => {
  const root = temporaryFolder()
  const { run, json } = withProject(join(root, 'project'))
  const folder = manyPictures(join(root, 'many'), 4_000)
  const ended = await run(['import', folder, '--dataset', 'many', '--verify'], {
    interruptOn: 'import [',
  })
  expect(ended.code).toBe(130)
  expect(ended.stderr).toContain('interrupted')
  expect(listed.parse(await json(['datasets']))).toEqual([])
  expect((await run(['doctor'])).code).toBe(0)
  await json(['import', folder, '--dataset', 'many'])
  expect(listed.parse(await json(['datasets']))).toMatchObject([{ name: 'many', images: 4_000 }])
})

test.runIf(process.platform === 'linux')('what is no file is left alone', async () => {
  const root = temporaryFolder()
  const folder = cocoFolder(join(root, 'set'))
  execFileSync('mkfifo', [join(folder, 'pipe.png')])
  const { run } = withProject(join(root, 'project'))
  const ended = await run(['import', folder, '--dataset', 'x'])
  expect([0, 1]).toContain(ended.code)
  expect(ended.stderr).toContain('imported as "x": 3 images')
})

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { bytesBelow, errorCodes, expectPlainMessages, temporaryFolder } from '../support/program'
import { cocoFolder, fixtures, withProject } from '../support/project-program'

const summary = z.object({
  images: z.number(),
  losses: z.array(z.object({ what: z.string(), count: z.number() })),
})
const counts = z.object({
  counts: z.object({ images: z.number(), objects: z.number(), patches: z.number() }),
})
const coco = z.object({
  images: z.array(z.object({ id: z.number(), file_name: z.string() })),
  categories: z.array(z.object({ id: z.number(), name: z.string() })),
  annotations: z.array(
    z.object({ image_id: z.number(), category_id: z.number(), bbox: z.array(z.number()) }),
  ),
})
const readCoco = (path: string) => coco.parse(JSON.parse(readFileSync(path, 'utf8')))

async function streetProject(root: string) {
  const program = withProject(join(root, 'project'))
  await program.json(['import', cocoFolder(join(root, 'set')), '--dataset', 'street'])
  return program
}

describe('every format comes back with as many images, objects and patches', () => {
  const formats = [
    'coco',
    'cvat',
    'datumaro',
    'fiftyone',
    'label-studio',
    'labelme',
    'open-images',
    'voc',
    'yolo',
  ]
  test('with its pictures', async () => {
    const root = temporaryFolder()
    const { json } = await streetProject(root)
    for (const format of formats) {
      const out = join(root, format)
      const args = ['--dataset', 'street', '--format', format, '--images', 'copy', '--out', out]
      expect(summary.parse(await json(['export', ...args])).images).toBe(3)
      const back = counts.parse(await json(['import', out, '--dataset', format]))
      expect(back.counts, format).toMatchObject({ images: 3, objects: 3, patches: 2 })
    }
  }, 240_000)
})

test('COCO keeps the numbers and boxes of its source; the same export is the same bytes', async () => {
  const root = temporaryFolder()
  const { run, json } = await streetProject(root)
  const [first, second] = [join(root, 'first.json'), join(root, 'second.json')]
  for (const out of [first, second]) {
    await json(['export', '--dataset', 'street', '--format', 'coco', '--out', out])
  }
  expect(readFileSync(first)).toEqual(readFileSync(second))
  const source = readCoco(join(fixtures, 'formats/coco/annotations.json'))
  const written = readCoco(first)
  const byId = (document: z.infer<typeof coco>) =>
    new Map(document.images.map(({ id, file_name }) => [id, file_name]))
  expect(byId(written)).toEqual(byId(source))
  const boxes = (document: z.infer<typeof coco>) =>
    document.annotations.map(({ image_id, bbox }) => JSON.stringify([image_id, bbox])).sort()
  expect(boxes(written)).toEqual(boxes(source))

  const piped = await run(['export', '--dataset', 'street', '--format', 'coco'])
  expect(piped.stdout).toBe(readFileSync(first, 'utf8'))
})

test('writes a selection, which datasets names by ids', async () => {
  const root = temporaryFolder()
  const { run, json } = await streetProject(root)
  const images = z
    .array(z.object({ id: z.number(), file: z.string() }))
    .parse(await json(['datasets', 'images', 'street']))
  const chosen = images.slice(1)
  const list = join(root, 'chosen.txt')
  writeFileSync(list, chosen.map(({ id }) => `${id}\n`).join(''))
  const ids = chosen.map(({ id }) => id).join(',')
  for (const [k, selection] of [ids, list].entries()) {
    const out = join(root, `${k}.json`)
    const args = ['--dataset', 'street', '--format', 'coco', '--selection', selection]
    await json(['export', ...args, '--out', out])
    expect(
      readCoco(out)
        .images.map(({ file_name }) => file_name)
        .sort(),
    ).toEqual(chosen.map(({ file }) => file).sort())
  }
  for (const [selection, code] of [
    ['9999', 'E_EXPORT_EMPTY'],
    [join(root, 'none.txt'), 'E_FILE_NOT_FOUND'],
  ] as const) {
    const args = ['--dataset', 'street', '--format', 'coco', '--selection', selection]
    const ended = await run(['export', ...args])
    expect(ended.code).toBe(2)
    expect(errorCodes(ended.stderr)).toEqual([code])
  }
}, 60_000)

test('tells what is lost before it writes, and writes only what a filter lets through', async () => {
  const root = temporaryFolder()
  const { run, json } = await streetProject(root)
  const args = ['export', '--dataset', 'street', '--format', 'yolo', '--out', join(root, 'yolo')]
  const ended = await run([...args, '--json'])
  expect(ended.code).toBe(0)
  expectPlainMessages(ended.stderr)
  expect(ended.stderr).toMatch(/^not in this format: .*\(1 x crowd-flag\)$/m)
  expect(summary.parse(JSON.parse(ended.stdout)).losses).toContainEqual(
    expect.objectContaining({ what: 'crowd-flag', count: 1 }),
  )
  const filtered = join(root, 'filtered.json')
  const filter = ['--filter', 'patch=yes', '--filter', 'class=person']
  await json(['export', '--dataset', 'street', '--format', 'coco', '--out', filtered, ...filter])
  expect(readCoco(filtered).images.length).toBeLessThan(3)
})

describe('nothing is written', () => {
  test('over what is there, over originals, or of what is not there', async () => {
    const root = temporaryFolder()
    const { run } = await streetProject(root)
    const set = join(root, 'set')
    const before = bytesBelow(set)
    const base = ['export', '--dataset', 'street']
    const cases: readonly [readonly string[], string][] = [
      [[...base, '--format', 'voc', '--out', set], 'E_TARGET_IS_INPUT'],
      [[...base, '--format', 'voc', '--out', set, '--replace'], 'E_TARGET_IS_INPUT'],
      [[...base, '--format', 'coco', '--out', set], 'E_TARGET_EXISTS'],
      [[...base, '--format', 'jsonl', '--out', join(root, 'x')], 'E_FORMAT_NOT_POSSIBLE'],
      [[...base, '--format', 'voc'], 'E_TARGET_NEEDS_FOLDER'],
      [[...base, '--format', 'coco', '--filter', 'class=unicorn'], 'E_EXPORT_EMPTY'],
      [[...base, '--format', 'coco', '--filter', 'colour=red'], 'E_FILTER_INVALID'],
      [['export', '--dataset', 'nope', '--format', 'coco'], 'E_DATASET_UNKNOWN'],
      [['export', '--run', 'nope', '--format', 'csv'], 'E_RUN_UNKNOWN'],
      [['export', '--format', 'coco'], 'E_USAGE'],
    ]
    for (const [args, code] of cases) {
      const ended = await run(args)
      expect(errorCodes(ended.stderr), args.join(' ')).toEqual([code])
      expect(ended.code).toBe(2)
      expect(ended.stdout).toBe('')
    }
    expect(bytesBelow(set)).toEqual(before)
    expect(existsSync(join(root, 'x'))).toBe(false)
  }, 180_000)

  test('where there is no project', async () => {
    const { run } = withProject(join(temporaryFolder(), 'none'))
    for (const args of [
      ['export', '--dataset', 'x', '--format', 'coco'],
      ['datasets'],
      ['runs'],
      ['doctor', '--backup', 'copy.sqlite'],
    ]) {
      const ended = await run(args)
      expect(errorCodes(ended.stderr)).toEqual(['E_PROJECT_NOT_FOUND'])
      expect(ended.code).toBe(2)
    }
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { patchwarden } from '../support/program'
import { folderWithPhotos } from '../support/scene-photos'

const { root } = folderWithPhotos(6)
const run = (...args: string[]) => patchwarden(args, { cwd: root })

interface Row {
  readonly file: string
  readonly detections: readonly object[]
  readonly masks: Readonly<Record<string, string>>
  readonly notes: Readonly<Record<string, unknown>>
}

const rows = (text: string): readonly Row[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)

const isUntouched = (row: Row): boolean => row.notes['removedFraction'] === 0

describe('a defense beside the bare detector', () => {
  let bare: readonly Row[]
  let defended: readonly Row[]
  let bytes: string

  beforeAll(async () => {
    bare = rows((await run('detect', 'photos', '--format', 'jsonl')).stdout)
    await run('defend', 'photos', '--out', 'first.jsonl')
    bytes = readFileSync(join(root, 'first.jsonl'), 'utf8')
    defended = rows(bytes)
  })

  test('gives the very same detections where nothing was removed', () => {
    const untouched = defended.filter(isUntouched)
    expect(untouched.length).toBeGreaterThan(0)
    for (const row of untouched) {
      expect(row.detections).toEqual(bare.find(({ file }) => file === row.file)?.detections)
    }
  })

  test('removes something where a patch is', () => {
    expect(defended.filter((row) => !isUntouched(row)).length).toBeGreaterThan(0)
  })

  test('gives the same bytes again, with any number of threads', async () => {
    const again = await run('defend', 'photos', '--format', 'jsonl', '--threads', '2')
    expect(again.stdout).toBe(bytes)
  })

  test('agrees with the masks that segment writes', async () => {
    const { code, stdout } = await run('segment', 'photos', '--out', 'masks', '--json')
    expect(code).toBe(0)
    const { images } = JSON.parse(stdout) as {
      images: readonly { file: string; removedFraction: number }[]
    }
    expect(images.map(({ file, removedFraction }) => [file, removedFraction])).toEqual(
      defended.map(({ file, notes }) => [file, notes['removedFraction']]),
    )
  })

  test('with another order of paths gives each photograph the same answer', async () => {
    const files = defended.map(({ file }) => `photos/${file}`).reverse()
    const { stdout } = await run('defend', ...files, '--format', 'jsonl')
    expect(rows(stdout)).toEqual(defended)
  })
})

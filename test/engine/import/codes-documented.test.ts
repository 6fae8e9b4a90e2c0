import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const sources = [
  'src/datasets/**/*.ts',
  'src/shared/{dataset,vision}/*.ts',
  'src/shared/image-errors.ts',
  'src/engine/{import,export,images,files}/*.ts',
]

test('every code that an import or export can give is in the manual, in one row with a sentence', () => {
  const codes = new Set<string>()
  for (const file of globSync(sources, { cwd: root })) {
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, code = ''] of text.matchAll(/['"]([EW]_[A-Z0-9]+(?:_[A-Z0-9]+)*)['"]/g))
      codes.add(code)
  }
  expect(codes.size).toBeGreaterThan(80)
  const manual = readFileSync(join(root, 'docs/import.md'), 'utf8')
  const rows = [...manual.matchAll(/^\| ([EW]_[A-Z0-9_]+) +\| [A-Z0-9].{10,}\. +\|$/gm)].map(
    ([, code]) => code,
  )
  expect(new Set(rows).size).toBe(rows.length)
  expect([...codes].filter((code) => !rows.includes(code))).toEqual([])
})

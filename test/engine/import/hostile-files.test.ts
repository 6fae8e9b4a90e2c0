import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importers } from '../../../src/datasets'
import { diskSource } from '../../../src/engine/import/disk-source'
import { zipSource } from '../../../src/engine/import/zip-source'
import type { ImportSource } from '../../../src/engine/import/import-source'
import { decodeImageBytes } from '../../../src/engine/images/decode-image'
import { temporaryFolder } from '../temporary-folder'
import { fileCases, hostileFolder, type FileCase } from './hostile-cases'
import { expectDecision, runImport } from './run-import'
import { hostileLayouts } from './hostile-layouts'

const roots = temporaryFolder()
const maxMs = 2_000
const maxKibibytes = 256 * 1024

/** Warnings that these files get beside the one that they are made for. */
const besides: Readonly<Record<string, readonly string[]>> = {
  // Its second picture is a PNG under the ending .jpg.
  'archives/case-collision.zip': ['W_EXTENSION_MISMATCH'],
}

describe('every hostile file gets its decision, through the importer of its format', () => {
  test.each(fileCases)('$path: $decision $code, $what', async (given) => {
    const layout = hostileLayouts[dirname(given.path)]
    if (!layout) throw new Error(`no layout for ${given.path}`)
    const { format, params } = layout.importer(basename(given.path))
    expect([...importers.keys()], 'the importer of this format is missing').toContain(format)
    const root = join(roots, given.path.replaceAll('/', '-'))
    mkdirSync(root)
    const open = () => prepare(given, root)
    await open().then(
      (source) => {
        source.close()
      },
      () => undefined,
    )
    const filesBefore = readdirSync(roots, { recursive: true }).map(String)
    const before = process.resourceUsage().maxRSS
    const start = performance.now()
    const result = await runImport(open, format, params, {
      // Whole pictures are decoded: that alone finds some kinds of damage.
      verify: async (bytes, name) => (await decodeImageBytes(bytes, name)).warnings,
    })
    expect(performance.now() - start).toBeLessThan(maxMs)
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(maxKibibytes)
    expectDecision(result, given, besides[given.path])
    expectCounts(result.counts, given)
    // Nothing was written but the pictures of archives, and those only where they belong.
    expect(readdirSync(roots, { recursive: true }).sort()).toEqual(
      [...filesBefore, ...keptFiles(root)].sort(),
    )
    if (result.refusal !== null)
      expect(keptFiles(root).filter((name) => name.endsWith('g'))).toEqual([])
  })

  test('pictures that are cut or changed are found without decoding them', async () => {
    const needDecoding = ['images/alpha.png']
    for (const given of fileCases) {
      if (!given.path.startsWith('images/') || needDecoding.includes(given.path)) continue
      const root = join(roots, `quick-${basename(given.path)}`)
      mkdirSync(root)
      const result = await runImport(() => prepare(given, root), 'folder')
      expectDecision(result, given)
    }
  })
})

/** What an archive's import has unpacked. */
function keptFiles(root: string): readonly string[] {
  const files = join(root, 'files')
  if (!existsSync(files)) return []
  const inside = readdirSync(files, { recursive: true }).map((name) => join(files, String(name)))
  return [files, ...inside].map((path) => relative(roots, path))
}

function prepare(given: FileCase, root: string): Promise<ImportSource> {
  const folder = dirname(given.path)
  const layout = hostileLayouts[folder]
  if (!layout) throw new Error(folder)
  if (folder === 'archives') {
    return zipSource(join(hostileFolder, given.path), { folder: join(root, 'files') })
  }
  for (const [from, to] of layout.files(basename(given.path))) {
    mkdirSync(dirname(join(root, to)), { recursive: true })
    copyFileSync(join(hostileFolder, from), join(root, to))
  }
  for (const [name, text] of Object.entries(layout.texts ?? {})) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  const entry = layout.entry(basename(given.path))
  return diskSource(entry === null ? root : join(root, entry))
}

function expectCounts(
  counts: { images: number; objects: number; patches: number; missing: number } | null,
  { imported }: FileCase,
): void {
  if (imported === undefined) return
  if (!counts) throw new Error('nothing was imported')
  const annotations = counts.objects + counts.patches
  if (typeof imported === 'number') {
    // Of pictures for sets made of rows, else of objects.
    expect([annotations, counts.images]).toContain(imported)
    return
  }
  if (imported.images !== undefined) expect(counts.images).toBe(imported.images)
  if (imported.annotations !== undefined) expect(annotations).toBe(imported.annotations)
  if (imported.missing !== undefined) expect(counts.missing).toBe(imported.missing)
}

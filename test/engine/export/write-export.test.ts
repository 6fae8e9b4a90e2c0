import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { datasetExporters, importers } from '../../../src/datasets'
import { diskSource } from '../../../src/engine/import/disk-source'
import { writeExport, type ExportOptions } from '../../../src/engine/export/write-export'
import type { FolderSink } from '../../../src/shared/dataset/content'
import { AppError } from '../../../src/shared/errors'
import { defineDatasetExporter } from '../../../src/shared/plugin'
import { canMount, withTinyDisk } from '../../support/tiny-disk'
import { asOrdinaryUser, temporaryFolder } from '../temporary-folder'
import { hostileFolder } from '../import/hostile-cases'
import { runImport } from '../import/run-import'
import { contentOf } from './content'

const folder = temporaryFolder()
chmodSync(folder, 0o755)
let places = 0
const freshPath = () => join(folder, `place-${places++}`)

const exporterOf = (fileName: string | null, write: (sink: FolderSink) => void) =>
  defineDatasetExporter({
    id: 'scripted',
    name: 'Scripted',
    summary: 'Writes what it is told to.',
    fileName,
    params: z.object({}),
    losses: () => [{ what: 'scores', message: 'Scores are left out.', count: 3 }],
    write: (_content, sink) => {
      write(sink)
    },
  })

const twoFiles = exporterOf(null, (sink) => {
  const text = sink.file('labels/a.txt')
  text.write('one ')
  text.write('two')
  text.close()
  const bytes = sink.file('mask.bin')
  bytes.write(Uint8Array.of(1, 2, 3))
  bytes.write('text')
  bytes.close()
})
const oneFile = exporterOf('all.json', (sink) => {
  const file = sink.file('all.json')
  file.write('{}')
  file.close()
})

const run = (path: string, exporter: typeof oneFile = twoFiles, options: ExportOptions = {}) =>
  writeExport(contentOf('a.jpg'), exporter, {}, { kind: 'path', path }, options)

describe('where an export goes', () => {
  test('a new folder, whole; nothing else is left beside it', async () => {
    const path = join(freshPath(), 'deep/er')
    const outcome = await run(path)
    expect(outcome).toMatchObject({ files: 2, bytes: 14, pictures: null, renamed: [] })
    expect(readFileSync(join(path, 'labels/a.txt'), 'utf8')).toBe('one two')
    expect([...readFileSync(join(path, 'mask.bin'))]).toEqual([1, 2, 3, ...Buffer.from('text')])
    expect(readdirSync(join(path, '..'))).toEqual(['er'])
  })

  test('an empty folder, and one that is not only when told to', async () => {
    const path = freshPath()
    mkdirSync(path)
    await run(path)
    writeFileSync(join(path, 'mine.txt'), 'mine')
    await expect(run(path)).rejects.toMatchObject({ code: 'E_TARGET_NOT_EMPTY' })
    expect(existsSync(join(path, 'mine.txt'))).toBe(true)
    await run(path, twoFiles, { replace: true })
    expect(readdirSync(path).sort()).toEqual(['labels', 'mask.bin'])
    writeFileSync(join(folder, 'file'), '')
    await expect(run(join(folder, 'file'))).rejects.toMatchObject({ code: 'E_TARGET_NEEDS_FOLDER' })
  })

  test('one file: under the given name, into a folder that is there, or to a stream', async () => {
    const path = freshPath()
    await run(`${path}.json`, oneFile)
    expect(readFileSync(`${path}.json`, 'utf8')).toBe('{}')
    await expect(run(`${path}.json`, oneFile)).rejects.toMatchObject({ code: 'E_TARGET_EXISTS' })
    await run(`${path}.json`, oneFile, { replace: true })
    mkdirSync(path)
    await run(path, oneFile)
    expect(readdirSync(path)).toEqual(['all.json'])
    let text = ''
    const write = (piece: string | Uint8Array) => {
      text += String(piece)
    }
    await writeExport(contentOf('a.jpg'), oneFile, {}, { kind: 'stream', write })
    expect(text).toBe('{}')
    const many = writeExport(contentOf('a.jpg'), twoFiles, {}, { kind: 'stream', write })
    await expect(many).rejects.toMatchObject({ code: 'E_TARGET_NEEDS_FOLDER' })
    await expect(run('/dev/null', oneFile, { replace: true })).rejects.toMatchObject({
      code: 'E_TARGET_EXISTS',
    })
  })

  test('never over what the data come from, by whatever name', async () => {
    const root = freshPath()
    mkdirSync(join(root, 'inner'), { recursive: true })
    const input = join(root, 'inner/input.json')
    writeFileSync(input, 'original')
    symlinkSync(root, join(folder, 'other-name'))
    const rules = { replace: true, inputs: [input] }
    for (const path of [root, join(root, 'inner'), join(folder, 'other-name')]) {
      await expect(run(path, twoFiles, rules)).rejects.toMatchObject({ code: 'E_TARGET_IS_INPUT' })
    }
    for (const path of [input, join(folder, 'other-name/inner/input.json')]) {
      await expect(run(path, oneFile, rules)).rejects.toMatchObject({ code: 'E_TARGET_IS_INPUT' })
    }
    expect(readFileSync(input, 'utf8')).toBe('original')
    await run(join(root, 'inner/out'), twoFiles, { inputs: [root] })
  })
})

describe('what fails leaves nothing', () => {
  const failing = exporterOf(null, (sink) => {
    sink.file('left-open.txt').write('half')
    throw new AppError('E_TEST', 'no', 'none')
  })

  test('the exporter, an abort, names that leave the folder or come twice', async () => {
    const path = freshPath()
    mkdirSync(path)
    await expect(run(join(path, 'x'), failing)).rejects.toMatchObject({ code: 'E_TEST' })
    for (const name of ['../out.txt', '/out.txt', 'a\\b', 'a//b', '', 'a/./b']) {
      const escaping = exporterOf(null, (sink) => {
        sink.file(name).close()
      })
      await expect(run(join(path, 'x'), escaping)).rejects.toThrow(/no name below its folder/)
    }
    const twice = exporterOf(null, (sink) => {
      sink.file('a').close()
      sink.file('a').close()
    })
    await expect(run(join(path, 'x'), twice)).rejects.toThrow(/twice/)
    const stopped = run(join(path, 'x'), twoFiles, { signal: AbortSignal.abort() })
    await expect(stopped).rejects.toThrow(/abort/i)
    expect(readdirSync(path)).toEqual([])
  })

  test('losses are told before anything is written, and may end it', async () => {
    const path = freshPath()
    const onLosses: ExportOptions['onLosses'] = (losses) => {
      expect(losses).toMatchObject([{ what: 'scores', count: 3 }])
      expect(existsSync(path)).toBe(false)
      throw new AppError('E_TEST', 'not like this', 'none')
    }
    await expect(run(path, twoFiles, { onLosses })).rejects.toMatchObject({ code: 'E_TEST' })
    expect(existsSync(path)).toBe(false)
  })

  test.skipIf(!canMount)('a disk that is full', async () => {
    await withTinyDisk(256, async (disk) => {
      mkdirSync(join(disk, 'old'))
      writeFileSync(join(disk, 'old/kept.txt'), 'kept')
      const large = exporterOf(null, (sink) => {
        const file = sink.file('large.bin')
        for (let i = 0; i < 100; i++) file.write(new Uint8Array(10_000))
        file.close()
      })
      const full = run(join(disk, 'old'), large, { replace: true })
      await expect(full).rejects.toMatchObject({ code: 'E_DISK_FULL' })
      expect(readdirSync(disk)).toEqual(['old'])
      expect(readFileSync(join(disk, 'old/kept.txt'), 'utf8')).toBe('kept')
    })
  })

  test('a folder in which one may not write', async () => {
    const path = freshPath()
    mkdirSync(path)
    chmodSync(path, 0o555)
    const denied = asOrdinaryUser(() => run(join(path, 'x')))
    await expect(denied).rejects.toMatchObject({ code: 'E_WRITE_DENIED' })
  })
})

describe('pictures beside the annotations', () => {
  const originals = join(folder, 'originals')
  mkdirSync(originals)
  const names = ['good.jpg', 'good.png', 'CON.jpg', 'GOOD.JPG']
  const content = contentOf(...names)
  for (const name of names) {
    const from = name.endsWith('png') ? 'good.png' : 'good.jpg'
    copyFileSync(join(hostileFolder, 'images', from), join(originals, name))
  }
  const locate: ExportOptions['locate'] = ({ file }) => join(originals, file)

  test.each([...datasetExporters.keys()])(
    '%s: its importer finds them, and all objects',
    async (id) => {
      const exporter = datasetExporters.get(id)
      if (!exporter) throw new Error(id)
      const path = freshPath()
      const outcome = await writeExport(
        content,
        exporter,
        exporter.params.parse({}),
        { kind: 'path', path },
        { locate },
      )
      expect(outcome.pictures).toEqual({ copied: 4, missing: 0, parts: 0 })
      expect(outcome.renamed.map(({ from }) => from)).toEqual(['good.png', 'CON.jpg', 'GOOD.JPG'])
      for (const name of names) expect(statSync(join(originals, name)).isFile()).toBe(true)
      if (!importers.has(id)) return // SARIF is for other tools
      const { counts, problems, refusal } = await runImport(() => diskSource(path), id)
      expect(refusal).toBeNull()
      expect(
        problems.filter(({ code }) => code.startsWith('E_') || code.includes('MISSING')),
      ).toEqual([])
      // The masks of patches hold no objects.
      const objects = id === 'apricot-mask' ? 0 : 4
      expect(counts).toMatchObject({ images: 4, missing: 0, objects })
    },
  )

  test('missing ones are counted, those of parts as well', async () => {
    const some = {
      ...contentOf('none.jpg', 'tile.png'),
      *images() {
        const [first, second] = contentOf('none.jpg', 'tile.png').images()
        if (first) yield first
        if (second)
          yield { ...second, pixels: { kind: 'hdf5' as const, dataset: 'images', index: 0 } }
      },
    }
    const path = freshPath()
    const { pictures } = await writeExport(some, twoFiles, {}, { kind: 'path', path }, { locate })
    expect(pictures).toEqual({ copied: 0, missing: 2, parts: 0 })
  })
})

test('one file without pictures keeps the names, which lead to the originals', async () => {
  const seen: string[] = []
  const naming = defineDatasetExporter({
    ...oneFile,
    write: (content, sink) => {
      for (const { file } of content.images()) seen.push(file)
      sink.file('all.json').close()
    },
  })
  const target = { kind: 'path', path: `${freshPath()}.json` } as const
  const outcome = await writeExport(contentOf('CON.jpg', 'a.jpg', 'A.jpg'), naming, {}, target)
  expect(outcome.renamed).toEqual([])
  expect(seen).toEqual(['CON.jpg', 'a.jpg', 'A.jpg'])
})

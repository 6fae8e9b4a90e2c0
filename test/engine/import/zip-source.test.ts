import { randomFillSync } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import folderImporter from '../../../src/datasets/folder/importer'
import { importRecords } from '../../../src/engine/import/import-records'
import { zipSource } from '../../../src/engine/import/zip-source'
import { AppError } from '../../../src/shared/errors'
import { fuzzing } from '../../support/mutations'
import { temporaryFolder } from '../temporary-folder'
import { hostileFolder } from './hostile-cases'
import { makeZip } from './make-zip'

const folder = temporaryFolder()
const picture = readFileSync(join(hostileFolder, 'images/good.jpg'))
const other = readFileSync(join(hostileFolder, 'images/good.png'))
const noise = randomFillSync(new Uint8Array(300_000))
// Larger than what is held for random access; packs well, but not suspiciously well.
const long = new Uint8Array(70_000_000)
for (let at = 0; at < long.length; at += 4_000) long.set(noise.subarray(0, 4_000), at)

let archives = 0
async function writeZip(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `archive-${archives++}.zip`)
  writeFileSync(path, bytes)
  return Promise.resolve(path)
}
const filesFolder = () => join(folder, `files-${archives}`)

const all = async (names: AsyncIterable<string>) => {
  const list: string[] = []
  for await (const name of names) list.push(name)
  return list
}

describe('an honest archive', () => {
  test('is read like a folder, stored and deflated, whole, in pieces and in part', async () => {
    const zip = await makeZip(
      [
        { name: 'set/noise.bin', bytes: noise, compress: false },
        { name: 'set/deflated.bin', bytes: noise },
        { name: 'long.bin', bytes: long },
        { name: 'empty.txt', bytes: '' },
        { name: 'a\\b.txt', bytes: 'packed on Windows' },
      ].map((part) => ({ ...part, name: part.name.replaceAll('\\', '/') })),
    )
    const source = await zipSource(await writeZip(zip), { folder: filesFolder() })
    expect(await all(source.list())).toEqual([
      'a/b.txt',
      'empty.txt',
      'long.bin',
      'set/deflated.bin',
      'set/noise.bin',
    ])
    expect(await all(source.list('set'))).toEqual(['set/deflated.bin', 'set/noise.bin'])
    for (const name of ['set/noise.bin', 'set/deflated.bin']) {
      expect(await source.size(name)).toBe(noise.length)
      expect(Buffer.from(await source.read(name)).equals(noise)).toBe(true)
      expect(await source.readAt(name, 1_000, 20)).toEqual(noise.slice(1_000, 1_020))
      expect(await source.readAt(name, 299_990, 20)).toEqual(noise.slice(299_990))
      const pieces: Uint8Array[] = []
      for await (const piece of source.stream(name)) pieces.push(piece)
      expect(Buffer.concat(pieces).equals(noise)).toBe(true)
    }
    expect(await source.readAt('long.bin', 69_999_990, 20)).toEqual(long.slice(69_999_990))
    expect(await source.readAt('long.bin', 5, 3)).toEqual(long.slice(5, 8))
    await expect(source.read('empty.txt')).rejects.toMatchObject({ code: 'E_FILE_EMPTY' })
    await expect(source.read('none')).rejects.toMatchObject({ code: 'E_FILE_NOT_FOUND' })
    expect(await source.has('none')).toBe(false)
    source.close()
  })

  test('its pictures end as files of their own names; an import that fails leaves none', async () => {
    const path = await writeZip(
      await makeZip([
        { name: 'x/a.jpg', bytes: picture },
        { name: 'x/same.jpg', bytes: picture },
        { name: 'x/b.png', bytes: other },
      ]),
    )
    const files = filesFolder()
    const source = await zipSource(path, { folder: files })
    for await (const record of importRecords(source, folderImporter, { labels: 'none' })) {
      if (record.kind !== 'image') continue
      const kept = record.image.contents?.path
      if (typeof kept !== 'string') throw new Error('no path')
      expect(readFileSync(kept).equals(record.image.file.endsWith('png') ? other : picture)).toBe(
        true,
      )
    }
    expect(readdirSync(files).every((name) => /^[0-9a-f]{64}\.(jpg|png)$/.test(name))).toBe(true)
    expect(readdirSync(files)).toHaveLength(2)
    source.discard()
    expect(readdirSync(files)).toEqual([])
    // A caller that stops early.
    for await (const record of importRecords(source, folderImporter, { labels: 'none' })) {
      if (record.kind === 'image') break
    }
    expect(readdirSync(files)).toEqual([])
    source.close()
  })
})

describe('a lying archive', () => {
  test('may not hold more than was agreed', async () => {
    const path = await writeZip(await makeZip([{ name: 'noise.bin', bytes: noise }]))
    const options = { folder: filesFolder(), maxBytes: 200_000 }
    await expect(zipSource(path, options)).rejects.toMatchObject({ code: 'E_ARCHIVE_RATIO' })
  })

  test('a wrong check sum is found, and refuses the import even if the importer goes on', async () => {
    const zip = await makeZip([{ name: 'noise.bin', bytes: noise, compress: false }])
    zip[1_000]! ^= 1
    const source = await zipSource(await writeZip(zip), { folder: filesFolder() })
    await expect(source.read('noise.bin')).rejects.toMatchObject({ code: 'E_ARCHIVE_CORRUPT' })
    const streamed = (async () => {
      for await (const piece of source.stream('noise.bin')) expect(piece.length).toBeGreaterThan(0)
    })()
    await expect(streamed).rejects.toMatchObject({ code: 'E_ARCHIVE_CORRUPT' })
    expect(() => source.takeProblems()).toThrow(
      expect.objectContaining({ code: 'E_ARCHIVE_CORRUPT' }),
    )
    source.close()
  })

  test('a size that is told too small is found while inflating, whole and in pieces', async () => {
    const source = await zipSource(join(hostileFolder, 'archives/size-lie.zip'), {
      folder: filesFolder(),
    })
    await expect(source.read('images/good.jpg')).rejects.toMatchObject({
      code: 'E_ARCHIVE_CORRUPT',
    })
    await expect(source.digest('images/good.jpg')).rejects.toMatchObject({
      code: 'E_ARCHIVE_CORRUPT',
    })
    source.close()
  })

  test('entries that need a password are refused', async () => {
    const zip = await makeZip([{ name: 'a.jpg', bytes: picture }])
    const directory = zip.indexOf('PK\x01\x02', 0, 'latin1')
    zip[directory + 8]! |= 1
    const refused = zipSource(await writeZip(zip), { folder: filesFolder() })
    await expect(refused).rejects.toMatchObject({ code: 'E_ARCHIVE_CORRUPT' })
  })
})

test('fuzz: changed archives give pictures, problems or errors with a code, and write nowhere else', async () => {
  const outer = join(folder, 'fuzz')
  mkdirSync(outer)
  const samples = [
    await makeZip([
      { name: 'images/a.jpg', bytes: picture },
      { name: 'images/b.png', bytes: other, compress: false },
    ]),
    ...['good', 'slip', 'symlink', 'size-lie', 'case-collision'].map((name) =>
      readFileSync(join(hostileFolder, `archives/${name}.zip`)),
    ),
  ]
  const path = join(outer, 'changed.zip')
  const files = join(outer, 'files')
  await fc.assert(
    fc.asyncProperty(
      fc.nat(samples.length - 1),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
        minLength: 1,
        maxLength: 8,
      }),
      fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 4 }),
      async (which, changes, cut) => {
        const bytes = Uint8Array.from(samples[which]!)
        for (const [at, value] of changes) bytes[Math.floor(at * (bytes.length - 1))] = value
        writeFileSync(
          path,
          cut === null ? bytes : bytes.subarray(0, Math.floor(cut * bytes.length)),
        )
        const start = performance.now()
        try {
          const source = await zipSource(path, { folder: files })
          try {
            const records = importRecords(source, folderImporter, { labels: 'none' })
            for await (const record of records) {
              if (record.kind === 'problem')
                expect(record.problem.code).toMatch(/^[EW]_[A-Z0-9_]+$/)
            }
          } finally {
            source.discard()
            source.close()
          }
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          expect(error.message).not.toContain('\n')
        }
        expect(performance.now() - start).toBeLessThan(2_000)
        expect(readdirSync(outer).filter((name) => name !== 'files')).toEqual(['changed.zip'])
        if (existsSync(files)) expect(readdirSync(files)).toEqual([])
      },
    ),
    fuzzing,
  )
}, 600_000)

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { diskSource } from '../../../src/engine/import/disk-source'
import { AppError } from '../../../src/shared/errors'
import { temporaryFolder } from '../temporary-folder'

const folder = temporaryFolder()
const root = join(folder, 'root')
mkdirSync(join(root, 'a/deep'), { recursive: true })
mkdirSync(join(root, 'a-b'))
for (const name of ['a/x.txt', 'a/deep/y.txt', 'a-b/z.txt', 'a.txt', 'b.txt']) {
  writeFileSync(join(root, name), name)
}
writeFileSync(join(folder, 'secret.txt'), 'secret')
symlinkSync('../secret.txt', join(root, 'link.txt'))
symlinkSync('..', join(root, 'up'))

const all = async (names: AsyncIterable<string>) => {
  const list: string[] = []
  for await (const name of names) list.push(name)
  return list
}

test('lists regular files, sorted by code units of the whole name, and tells links once', async () => {
  const source = await diskSource(root)
  const names = await all(source.list())
  expect(names).toEqual(['a-b/z.txt', 'a.txt', 'a/deep/y.txt', 'a/x.txt', 'b.txt'])
  expect(names).toEqual([...names].sort())
  expect(await all(source.list('a'))).toEqual(['a/deep/y.txt', 'a/x.txt'])
  expect(await all(source.list())).toEqual(names)
  const codes = source.takeProblems().map(({ code, file }) => `${code} ${file}`)
  expect(codes.sort()).toEqual(['E_LINK link.txt', 'E_LINK up'])
  expect(source.takeProblems()).toEqual([])
})

test('a file that was named brings its folder, and may be a link itself', async () => {
  const source = await diskSource(join(root, 'link.txt'))
  expect(source.entry).toBe('link.txt')
  expect(source.rootName).toBe('root')
  expect(new TextDecoder().decode(await source.read('link.txt'))).toBe('secret')
  expect(await source.has('a/x.txt')).toBe(true)
})

test('nothing outside is reached, by links or names', async () => {
  const source = await diskSource(root)
  for (const name of ['link.txt', 'up/secret.txt', '../secret.txt', 'a/../../secret.txt']) {
    expect(await source.has(name)).toBe(false)
    const refusals = [source.read(name), source.size(name), source.load(name), source.digest(name)]
    for (const refusal of await Promise.allSettled(refusals)) {
      const error: unknown = refusal.status === 'rejected' ? refusal.reason : null
      if (!(error instanceof AppError)) throw new Error(`${name} was reached`)
      expect(error.code).toBeOneOf(['E_LINK', 'E_PATH_ESCAPES_ROOT'])
    }
    await expect(source.readAt(name, 0, 9)).rejects.toThrow()
    await expect(source.stream(name)[Symbol.asyncIterator]().next()).rejects.toThrow()
  }
  expect(() => source.resolve('../secret.txt')).toThrow(/E_PATH_ESCAPES_ROOT|outside|stay inside/)
  expect(source.resolve('.\\deep\\y.txt', 'a')).toBe('a/deep/y.txt')
})

test('reads whole, in pieces and in part', async () => {
  const bytes = new Uint8Array(700_000).map((_, i) => i * 7)
  writeFileSync(join(root, 'a/large.bin'), bytes)
  const source = await diskSource(root)
  expect(await source.size('a/large.bin')).toBe(bytes.length)
  expect(await source.read('a/large.bin')).toEqual(bytes)
  const pieces: Uint8Array[] = []
  for await (const piece of source.stream('a/large.bin')) pieces.push(piece)
  expect(pieces.length).toBeGreaterThan(1)
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
  expect(await source.readAt('a/large.bin', 300_000, 10)).toEqual(bytes.slice(300_000, 300_010))
  expect(await source.readAt('a/large.bin', 699_995, 10)).toEqual(bytes.slice(699_995))
  expect(await source.readAt('a/large.bin', 900_000, 10)).toHaveLength(0)
  const loaded = await source.load('a/large.bin')
  expect(await source.digest('a/large.bin')).toEqual({
    sha256: loaded.sha256,
    size: bytes.length,
    warnings: [],
  })
  expect(readFileSync((await source.keep('a/large.bin', loaded, 'bin')) as string)).toHaveLength(
    bytes.length,
  )
})

test('says what is wrong with what the user named', async () => {
  await expect(diskSource(join(folder, 'none'))).rejects.toMatchObject({ code: 'E_FILE_NOT_FOUND' })
  await expect(diskSource('')).rejects.toMatchObject({ code: 'E_PATH_INVALID' })
  await expect(diskSource('/dev/null')).rejects.toMatchObject({ code: 'E_FILE_NOT_REGULAR' })
  const source = await diskSource(root)
  await expect(source.read('none.txt')).rejects.toMatchObject({ code: 'E_FILE_NOT_FOUND' })
  writeFileSync(join(root, 'empty.txt'), '')
  await expect(source.read('empty.txt')).rejects.toMatchObject({ code: 'E_FILE_EMPTY' })
  await expect(source.read('a/deep')).rejects.toMatchObject({ code: 'E_FILE_NOT_REGULAR' })
})

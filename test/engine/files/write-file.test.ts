import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { writeFileAtomic, type FileData } from '../../../src/engine/files/write-file'
import { AppError } from '../../../src/shared/errors'
import { asOrdinaryUser, temporaryFolder } from '../temporary-folder'

const root = temporaryFolder()
chmodSync(root, 0o755)
const posix = process.platform !== 'win32'

async function refusal(path: string, data: FileData = 'x'): Promise<AppError> {
  const answer: unknown = await writeFileAtomic(path, data).then(
    () => 'written',
    (error: unknown) => error,
  )
  if (!(answer instanceof AppError)) throw new Error(`no refusal: ${String(answer)}`)
  return answer
}

describe('files are written whole', () => {
  test('text, bytes, pieces; folders are made', async () => {
    const path = join(root, 'new/deeper/file.txt')
    await writeFileAtomic(path, 'one')
    expect(readFileSync(path, 'utf8')).toBe('one')
    await writeFileAtomic(path, Uint8Array.of(1, 2, 3))
    expect([...readFileSync(path)]).toEqual([1, 2, 3])
    await writeFileAtomic(path, ['a', Uint8Array.of(98), 'c'], { durable: false })
    expect(readFileSync(path, 'utf8')).toBe('abc')
    expect(readdirSync(join(root, 'new/deeper'))).toEqual(['file.txt'])
  })

  test('long streams arrive in order', async () => {
    const path = join(root, 'lines.txt')
    const expected = Array.from({ length: 50_000 }, (_, i) => `line ${i}\n`)
    await writeFileAtomic(
      path,
      (async function* () {
        for (const line of expected) {
          await Promise.resolve()
          yield line
        }
      })(),
    )
    expect(readFileSync(path, 'utf8')).toBe(expected.join(''))
  })

  test('a name as long as the system allows', async () => {
    const path = join(root, `${'n'.repeat(251)}.txt`)
    await writeFileAtomic(path, 'long')
    expect(readFileSync(path, 'utf8')).toBe('long')
  })

  test('a source that fails leaves the old file and no other', async () => {
    const folder = join(root, 'failing')
    const path = join(folder, 'kept.txt')
    await writeFileAtomic(path, 'before')
    const half = (function* () {
      yield 'half of it'
      throw new RangeError('the source broke')
    })()
    await expect(writeFileAtomic(path, half)).rejects.toThrow('the source broke')
    expect(readFileSync(path, 'utf8')).toBe('before')
    expect(readdirSync(folder)).toEqual(['kept.txt'])
  })

  test.runIf(posix)('a link keeps pointing at the file it names', async () => {
    writeFileSync(join(root, 'real.txt'), 'old')
    symlinkSync('real.txt', join(root, 'link.txt'))
    await writeFileAtomic(join(root, 'link.txt'), 'new')
    expect(readlinkSync(join(root, 'link.txt'))).toBe('real.txt')
    expect(readFileSync(join(root, 'real.txt'), 'utf8')).toBe('new')
  })

  test.runIf(posix)('a device stays a device', async () => {
    await writeFileAtomic('/dev/null', 'into the void')
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  })
})

describe('failures say what to do', () => {
  test.runIf(existsSync('/dev/full'))('a full device', async () => {
    const { code, message, hint } = await refusal('/dev/full')
    expect(code).toBe('E_DISK_FULL')
    expect(message).toBe('/dev/full was not written: the disk is full.')
    expect(hint).toContain('Free some space')
  })

  const small = mountSmallDisk()
  test.skipIf(small === undefined)(
    'a full disk keeps the old file (needs a disk of 64 KiB, which only the superuser can mount)',
    async () => {
      const folder = small!
      const path = join(folder, 'kept.json')
      await writeFileAtomic(path, 'before')
      const { code } = await refusal(path, new Uint8Array(200_000))
      expect(code).toBe('E_DISK_FULL')
      expect(readFileSync(path, 'utf8')).toBe('before')
      expect(readdirSync(folder)).toEqual(['kept.json'])
      await writeFileAtomic(path, 'after') // the space is free again
      expect(readFileSync(path, 'utf8')).toBe('after')
    },
  )

  test.runIf(posix)('a folder without permission', async () => {
    const folder = join(root, 'locked')
    mkdirSync(folder, { mode: 0o555 })
    const { code, message } = await asOrdinaryUser(() => refusal(join(folder, 'a.json')))
    expect(code).toBe('E_WRITE_DENIED')
    expect(message).toContain('a.json was not written: permission denied.')
    expect(readdirSync(folder)).toEqual([])
  })

  test('a folder, or a file for a folder, in the way', async () => {
    mkdirSync(join(root, 'taken'))
    expect((await refusal(join(root, 'taken'))).message).toContain('a folder has this name')
    writeFileSync(join(root, 'file'), '')
    expect(await refusal(join(root, 'file/below.txt'))).toMatchObject({ code: 'E_WRITE_FAILED' })
    expect(await refusal('')).toMatchObject({ code: 'E_PATH_INVALID' })
  })
})

/** A file system of 64 KiB, or undefined where it cannot be mounted. */
function mountSmallDisk(): string | undefined {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return undefined
  const folder = join(root, 'small-disk')
  mkdirSync(folder)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  afterAll(() => {
    execFileSync('umount', [folder])
  })
  return folder
}

import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import {
  decodeImage,
  decodeImageBytes,
  type DecodeOptions,
} from '../../../src/engine/images/decode-image'
import { readRegularFile, type FilePath } from '../../../src/engine/files/read-file'
import { AppError } from '../../../src/shared/errors'
import { asOrdinaryUser, temporaryFolder } from '../temporary-folder'

const fixtures = join(import.meta.dirname, '../../fixtures/images')
const folder = temporaryFolder()
const posix = process.platform !== 'win32'

async function refusal(path: FilePath, options?: DecodeOptions): Promise<AppError> {
  const answer: unknown = await decodeImage(path, options).catch((error: unknown) => error)
  if (!(answer instanceof AppError)) throw new Error(`decoded, or broke: ${String(answer)}`)
  expect(answer.hint.length).toBeGreaterThan(10)
  return answer
}

describe('what is not a plain file is not opened', () => {
  test.runIf(posix)('a named pipe answers at once instead of hanging', async () => {
    const path = join(folder, 'pipe.jpg')
    execFileSync('mkfifo', [path])
    const { code, message } = await refusal(path)
    expect(code).toBe('E_FILE_NOT_REGULAR')
    expect(message).toBe(`${path} is a named pipe, not a file; it was not opened.`)
    expect((await refusal(path, { followLinks: true })).code).toBe('E_FILE_NOT_REGULAR')
  })

  test.runIf(posix)('devices and sockets', async () => {
    expect((await refusal('/dev/zero')).message).toContain('is a device')
    const path = join(folder, 'socket.jpg')
    const server = createServer().listen(path)
    await setTimeout(10)
    expect((await refusal(path)).message).toContain('is a socket')
    server.close()
  })

  test('a folder with the name of a picture', async () => {
    const path = join(folder, 'folder.jpg')
    mkdirSync(path)
    expect(await refusal(path)).toMatchObject({ code: 'E_FILE_NOT_REGULAR' })
  })

  test.runIf(posix)('links are followed only where that is asked for', async () => {
    const target = join(folder, 'target.jpg')
    copyFileSync(join(fixtures, 'good.jpg'), target)
    const link = join(folder, 'link.jpg')
    symlinkSync(target, link)
    expect((await refusal(link)).code).toBe('E_LINK')
    expect((await decodeImage(link, { followLinks: true })).image.width).toBe(48)
    symlinkSync(join(folder, 'loop-b'), join(folder, 'loop-a'))
    symlinkSync(join(folder, 'loop-a'), join(folder, 'loop-b'))
    expect((await refusal(join(folder, 'loop-a'))).code).toBe('E_LINK')
    expect((await refusal(join(folder, 'loop-a'), { followLinks: true })).code).toBe('E_LINK')
  })
})

describe('what cannot be read says why', () => {
  test('missing files, impossible names', async () => {
    const missing = await refusal(join(folder, 'gone.jpg'))
    expect(missing.code).toBe('E_FILE_NOT_FOUND')
    expect(missing.message).toBe(`There is no file or folder at ${join(folder, 'gone.jpg')}.`)
    expect((await refusal('a\0b.jpg')).code).toBe('E_PATH_INVALID')
    expect((await refusal(join(folder, 'n'.repeat(300)))).code).toBe('E_PATH_INVALID')
  })

  test.runIf(posix)('no permission', async () => {
    const path = join(folder, 'locked.jpg')
    copyFileSync(join(fixtures, 'good.jpg'), path)
    chmodSync(path, 0)
    chmodSync(folder, 0o755)
    const { code, message } = await asOrdinaryUser(() => refusal(path))
    expect(code).toBe('E_FILE_UNREADABLE')
    expect(message).toBe(`${path} cannot be read: permission denied.`)
  })

  test('empty files, files over the limit', async () => {
    expect((await refusal(join(fixtures, 'zero-byte.jpg'))).code).toBe('E_FILE_EMPTY')
    const huge = join(folder, 'huge.jpg')
    writeFileSync(huge, '')
    truncateSync(huge, 2 ** 31)
    const started = performance.now()
    expect((await refusal(huge)).code).toBe('E_IMAGE_TOO_LARGE')
    expect(performance.now() - started).toBeLessThan(200)
  })

  test('a file that grows while it is read is told of', async () => {
    const path = join(folder, 'grows.jpg')
    writeFileSync(path, '')
    truncateSync(path, 200 * 2 ** 20)
    const reading = readRegularFile(path)
    const growing = new AbortController()
    void reading.finally(() => {
      growing.abort()
    })
    while (!growing.signal.aborted) {
      appendFileSync(path, 'x')
      await setTimeout(1)
    }
    expect((await reading).warnings.map(({ code }) => code)).toEqual(['W_FILE_CHANGED'])
  })

  test('pixels over the limit, with the limit in the message', async () => {
    const error = await refusal(join(fixtures, 'good.png'), { maxPixels: 1000 })
    expect(error.code).toBe('E_IMAGE_TOO_LARGE')
    expect(error.message).toContain('48 x 32 pixels are 0.00154 megapixels')
    expect(error.message).toContain('the limit is 0.001 megapixels')
  })
})

describe('kinds of bytes', () => {
  const good = readFileSync(join(fixtures, 'good.jpg'))
  const codeOf = async (bytes: Uint8Array, name = 'x.jpg') => {
    const answer = await decodeImageBytes(bytes, name).catch((error: unknown) => error)
    if (answer instanceof AppError) return [answer.code, answer.message]
    if (answer instanceof Error) throw answer
    return []
  }

  test('formats that are known but not read are named', async () => {
    const heic = Buffer.concat([Buffer.alloc(4), Buffer.from('ftypheic'), Buffer.alloc(40)])
    expect(await codeOf(heic, 'IMG_1.HEIC')).toEqual([
      'E_IMAGE_UNSUPPORTED',
      'IMG_1.HEIC is a HEIC picture, which is not supported.',
    ])
    const pdf = Buffer.from('%PDF-1.7 and so on')
    expect(await codeOf(pdf)).toEqual([
      'E_IMAGE_UNKNOWN_FORMAT',
      'x.jpg is not a picture that can be read: it is a PDF document.',
    ])
    const svg = Buffer.from('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>')
    expect((await codeOf(svg, 'a.svg'))[0]).toBe('E_IMAGE_UNKNOWN_FORMAT')
    expect((await codeOf(Buffer.of(1, 2, 3)))[0]).toBe('E_IMAGE_UNKNOWN_FORMAT')
  })

  test('a JPEG of 12 bits or without loss is not mistaken for damage', async () => {
    const frame = good.indexOf(Buffer.of(0xff, 0xc0))
    const deep = Buffer.from(good)
    deep[frame + 4] = 12
    expect((await codeOf(deep))[0]).toBe('E_IMAGE_UNSUPPORTED')
    const lossless = Buffer.from(good)
    lossless[frame + 1] = 0xc3
    expect((await codeOf(lossless))[0]).toBe('E_IMAGE_UNSUPPORTED')
  })

  test('surplus bytes inside a JPEG do no harm', async () => {
    const end = good.length - 2
    const padded = Buffer.concat([good.subarray(0, end), Buffer.alloc(7), good.subarray(end)])
    const decoded = await decodeImageBytes(padded, 'x.jpg')
    expect(decoded.image).toEqual((await decodeImageBytes(good, 'x.jpg')).image)
  })

  test('the further pictures of a multi-picture JPEG are no trailing data', async () => {
    const index = Buffer.concat([Buffer.of(0xff, 0xe2, 0, 10), Buffer.from('MPF\0II*\0')])
    const file = Buffer.concat([good.subarray(0, 2), index, good.subarray(2), good])
    expect((await decodeImageBytes(file, 'x.jpg')).warnings).toEqual([])
  })

  test('names are shown on one line, control characters as codes', async () => {
    const [, message] = await codeOf(Buffer.of(1, 2, 3), 'a\n\u202egpj.exe')
    expect(message).toContain('a\\u000a\\u202egpj.exe')
  })
})

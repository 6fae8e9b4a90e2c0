import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { crc32 } from 'node:zlib'
import {
  type Ended,
  errorCodes,
  expectPlainMessages,
  filesBelow,
  packageRoot,
  patchwarden,
} from '../support/program'
import { folderWithPhotos } from '../support/scene-photos'

const { root, photos } = folderWithPhotos(1)
const fixtures = join(packageRoot, 'test/fixtures/images')
const posix = process.platform !== 'win32'

interface CocoReport {
  readonly images: readonly { readonly file_name: string; readonly width: number }[]
}

/** A PNG of one grey level and any stated size; its data is that of the size, so that it decodes. */
function greyPng(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data])
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(data.length, 0)
    frame.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc((width + 1) * height))),
    chunk('IEND', new Uint8Array()),
  ])
}

describe('pictures that are none', () => {
  const folder = join(root, 'bad')
  let ended: Ended
  const expected: Readonly<Record<string, string>> = {
    'bomb-header.jpg': 'E_IMAGE_TOO_LARGE',
    'bomb.png': 'E_IMAGE_TOO_LARGE',
    'cut.jpg': 'E_IMAGE_TRUNCATED',
    'cut.png': 'E_IMAGE_TRUNCATED',
    'empty.jpg': 'E_FILE_EMPTY',
    'page.jpg': 'E_IMAGE_UNKNOWN_FORMAT',
    'text.png': 'E_IMAGE_UNKNOWN_FORMAT',
    'too-wide.png': 'E_IMAGE_TOO_LARGE',
    'zero-width.png': 'E_IMAGE_CORRUPT',
  }

  beforeAll(async () => {
    mkdirSync(folder)
    writeFileSync(join(folder, 'bomb.png'), greyPng(12_000, 12_000)) // 144 million pixels in 140 kB
    writeFileSync(join(folder, 'too-wide.png'), greyPng(65_501, 1))
    writeFileSync(join(folder, 'wide.png'), greyPng(65_500, 1))
    writeFileSync(join(folder, 'empty.jpg'), '')
    writeFileSync(join(folder, 'text.png'), 'a picture')
    copyFileSync(join(fixtures, 'truncated.jpg'), join(folder, 'cut.jpg'))
    copyFileSync(join(fixtures, 'truncated.png'), join(folder, 'cut.png'))
    for (const name of ['bomb-header.jpg', 'page.jpg', 'png-named.jpg', 'zero-width.png'])
      copyFileSync(join(fixtures, name), join(folder, name))
    const scene = readdirSync(photos)[0] ?? ''
    copyFileSync(join(photos, scene), join(folder, 'scene.jpg'))
    ended = await patchwarden(
      ['defend', 'bad', '--out', 'bad.json', '--masks', 'bad-masks', '--annotated', 'bad-pictures'],
      { cwd: root },
    )
  })

  test('each is told once, by name, and the rest goes on', () => {
    expect(ended.code, ended.stderr).toBe(1)
    for (const [name, code] of Object.entries(expected)) {
      const lines = ended.stderr.split('\n').filter((line) => line.startsWith(`error ${code}: `))
      expect(lines.filter((line) => line.includes(`bad/${name}`))).toHaveLength(1)
    }
    expect(errorCodes(ended.stderr)).toHaveLength(Object.keys(expected).length)
    expectPlainMessages(ended.stderr)
    expect(ended.stdout).toBe('')
    expect(ended.stderr).toContain('3 photographs, ')
    expect(ended.stderr).toContain(`${Object.keys(expected).length} failed`)
  })

  test('results hold the good ones only, and nothing else was written', async () => {
    const { default: report } = (await import(join(root, 'bad.json'), {
      with: { type: 'json' },
    })) as { default: CocoReport }
    expect(report.images.map((image) => image.file_name)).toEqual([
      'png-named.jpg',
      'scene.jpg',
      'wide.png',
    ])
    expect(filesBelow(join(root, 'bad-masks'))).toEqual(['png-named.png', 'scene.png', 'wide.png'])
    expect(filesBelow(join(root, 'bad-pictures'))).toEqual([
      'png-named.jpg',
      'scene.jpg',
      'wide.jpg',
    ])
    expect(filesBelow(root).filter((name) => name.startsWith('bad.'))).toEqual(['bad.json'])
  })

  test('what is odd but readable is a warning', () => {
    expect(ended.stderr).toMatch(/^warning W_EXTENSION_MISMATCH: bad\/png-named\.jpg /m)
    expect(ended.stderr).toMatch(/^warning W_EXTREME_ASPECT: bad\/wide\.png /m)
  })
})

test('the limit of size can be moved', async () => {
  writeFileSync(join(root, 'large.png'), greyPng(2_000, 1_000))
  const refused = await patchwarden(['detect', 'large.png', '--max-megapixels', '1.9'], {
    cwd: root,
  })
  expect(refused.code).toBe(1)
  expect(errorCodes(refused.stderr)).toEqual(['E_IMAGE_TOO_LARGE'])
  const taken = await patchwarden(['detect', 'large.png', '--max-megapixels', '2'], { cwd: root })
  expect(taken.code, taken.stderr).toBe(0)
})

test('many warnings of one kind are cut short', async () => {
  const folder = join(root, 'many')
  mkdirSync(folder)
  for (let k = 0; k < 7; k++)
    copyFileSync(join(fixtures, 'png-named.jpg'), join(folder, `${k}.jpg`))
  const { code, stderr } = await patchwarden(['detect', 'many', '--out', 'many.json'], {
    cwd: root,
  })
  expect(code).toBe(0)
  expect(stderr.match(/^warning W_EXTENSION_MISMATCH: /gm)).toHaveLength(4)
  expect(stderr).toContain('W_EXTENSION_MISMATCH: 4 more of this kind')
})

describe.skipIf(!posix)('links and things that are no files (POSIX only)', () => {
  test('a loop of links is told and not followed', async () => {
    const folder = join(root, 'loop')
    mkdirSync(join(folder, 'inner'), { recursive: true })
    copyFileSync(join(fixtures, 'good.jpg'), join(folder, 'inner/good.jpg'))
    symlinkSync('..', join(folder, 'inner/back'))
    symlinkSync('self', join(folder, 'self'))
    const { code, stdout, stderr } = await patchwarden(['detect', 'loop', '--format', 'jsonl'], {
      cwd: root,
    })
    expect(code).toBe(1)
    expect(errorCodes(stderr)).toEqual(['E_LINK', 'E_LINK'])
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expectPlainMessages(stderr)
  })

  test('a pipe named like a picture is not opened', async () => {
    const folder = join(root, 'pipes')
    mkdirSync(folder)
    execFileSync('mkfifo', [join(folder, 'camera.jpg')])
    const { code, stderr } = await patchwarden(['detect', 'pipes'], { cwd: root })
    expect(code).toBe(2)
    expect(errorCodes(stderr)).toEqual(['E_FILE_NOT_REGULAR'])
  })
})

const isRoot = process.geteuid?.() === 0

// The superuser may read everything: as one, the test has nothing to see.
test.skipIf(!posix || isRoot)(
  'a folder without permission is told (not for the superuser)',
  async () => {
    const folder = join(root, 'locked')
    mkdirSync(folder, { mode: 0o000 })
    const { code, stderr } = await patchwarden(['detect', 'locked', photos, '--out', 'l.json'], {
      cwd: root,
    })
    expect(code).toBe(1)
    expect(errorCodes(stderr)).toEqual(['E_FOLDER_UNREADABLE'])
  },
)

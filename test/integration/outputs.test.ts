import {
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  bytesBelow,
  errorCodes,
  expectPlainMessages,
  filesBelow,
  patchwarden,
  startPatchwarden,
  until,
} from '../support/program'
import { folderWithPhotos } from '../support/scene-photos'
import { canMount, withTinyDisk } from '../support/tiny-disk'

const { root, photos } = folderWithPhotos(3)
const run = (...args: string[]) => patchwarden(args, { cwd: root })

interface Coco {
  readonly images: readonly { readonly id: number; readonly file_name: string }[]
  readonly categories: readonly { readonly id: number; readonly name: string }[]
  readonly annotations: readonly {
    readonly image_id: number
    readonly category_id: number
    readonly score: number
  }[]
}

type CocoResults = readonly { readonly image_id: number; readonly category_id: number }[]

const json = (text: string): unknown => JSON.parse(text)

describe('results', () => {
  test('go to standard output alone when no file is named', async () => {
    const { code, stdout, stderr } = await run('detect', 'photos')
    expect(code).toBe(0)
    const report = json(stdout) as Coco
    expect(report.images).toHaveLength(3)
    expect(report.annotations.length).toBeGreaterThan(0)
    expect(stderr).toContain('detect [')
    expectPlainMessages(stderr)
  })

  test('are the same bytes in a file, whose folders are made, and on standard output', async () => {
    const { code, stdout } = await run('detect', 'photos', '--out', 'new/deeper/r.json')
    expect(code).toBe(0)
    expect(stdout).toBe('')
    expect(filesBelow(join(root, 'new'))).toEqual(['deeper/r.json'])
    const printed = await run('detect', 'photos')
    expect(printed.stdout).toBe(readFileSync(join(root, 'new/deeper/r.json'), 'utf8'))
  })

  test.each([
    ['r.jsonl', undefined],
    ['lines.txt', 'jsonl'],
  ])('jsonl in %s: one line a photograph, with the run they came from', async (file, format) => {
    await run('defend', 'photos', '--out', file, ...(format ? ['--format', format] : []))
    const lines = readFileSync(join(root, file), 'utf8').trim().split('\n').map(json)
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatchObject({ file: expect.any(String) as string, width: 640, height: 480 })
    expect(JSON.stringify(lines)).not.toContain('"stages"') // times differ from run to run
  })

  test('csv by the ending: a head and a line for each box', async () => {
    await run('detect', 'photos', '--out', 'r.csv')
    const [head, ...lines] = readFileSync(join(root, 'r.csv'), 'utf8').trim().split('\r\n')
    expect(head?.split(',')).toEqual(expect.arrayContaining(['file', 'label', 'score', 'x1', 'y2']))
    expect(lines.length).toBeGreaterThan(3)
  })

  test('--json prints a summary of what went to the file', async () => {
    const { stdout } = await run('defend', 'photos', '--out', 's.json', '--json')
    const report = json(readFileSync(join(root, 's.json'), 'utf8')) as Coco
    expect(json(stdout)).toMatchObject({
      images: 3,
      detections: report.annotations.length,
      failed: 0,
      out: 's.json',
    })
  })
})

describe('formats that are a folder of files', () => {
  test('yolo: a line with its score for every detection, and nothing is written over', async () => {
    const { code, stdout, stderr } = await run('detect', 'photos', '--format', 'yolo', '--out', 'y')
    expect(code).toBe(0)
    expect(stdout).toBe('')
    expect(stderr).toContain('not in this format: ')
    const labels = filesBelow(join(root, 'y')).filter((file) => file.startsWith('labels/'))
    expect(labels).toHaveLength(3)
    const lines = labels.flatMap((file) =>
      readFileSync(join(root, 'y', file), 'utf8')
        .trim()
        .split('\n')
        .filter(Boolean),
    )
    const coco = json((await run('detect', 'photos')).stdout) as Coco
    expect(lines).toHaveLength(coco.annotations.length)
    for (const line of lines) expect(line.split(' ')).toHaveLength(6)

    const again = await run('detect', 'photos', '--format', 'voc', '--out', 'y')
    expect(again.code).toBe(2)
    expect(errorCodes(again.stderr)).toEqual(['E_TARGET_NOT_EMPTY'])
    expect(again.stderr).not.toContain('detect [')
  })

  test('without a folder there is advice', async () => {
    const { code, stderr } = await run('detect', 'photos', '--format', 'labelme')
    expect(code).toBe(2)
    expect(errorCodes(stderr)).toEqual(['E_USAGE'])
    expect(stderr).toContain('--out DIR')
  })
})

describe('with a ground truth', () => {
  beforeAll(async () => {
    const { stdout } = await run('detect', 'photos')
    const own = json(stdout) as Coco
    const truth = {
      // Other ids, another order, names in folders; the last photograph is not in it.
      images: own.images
        .slice(0, 2)
        .reverse()
        .map((image, k) => ({ id: 700 + k, file_name: `train/${image.file_name}` })),
      categories: own.categories.map(({ name }, k) => ({ id: 90 - k, name })).reverse(),
      annotations: [],
    }
    writeFileSync(join(root, 'truth.json'), JSON.stringify(truth))
  })

  test('coco-results speak of its images and categories', async () => {
    const args = ['detect', 'photos', '--gt', 'truth.json', '--format', 'coco-results']
    const { code, stdout, stderr } = await run(...args)
    expect(code).toBe(0)
    expect(stderr).toMatch(/^warning W_IMAGE_NOT_IN_GT: .*1 photograph not in the ground truth/m)
    const own = json((await run('detect', 'photos')).stdout) as Coco
    const imageIds = new Map([
      [1, 701],
      [2, 700],
    ])
    const expected = own.annotations
      .filter(({ image_id }) => imageIds.has(image_id))
      .map(({ image_id, category_id }) => `${imageIds.get(image_id)} ${91 - category_id}`)
    const results = json(stdout) as CocoResults
    expect(results.map((found) => `${found.image_id} ${found.category_id}`).sort()).toEqual(
      expected.sort(),
    )
  })

  test('two photographs of one image are not both counted', async () => {
    mkdirSync(join(root, 'again'))
    const [first = ''] = filesBelow(photos)
    copyFileSync(join(photos, first), join(root, 'again', first))
    const args = ['detect', 'photos', 'again', '--gt', 'truth.json', '--format', 'coco']
    const { stdout, stderr } = await run(...args)
    const { images } = json(stdout) as Coco
    expect(new Set(images.map(({ id }) => id)).size).toBe(images.length)
    expect(stderr).toContain('warning W_IMAGE_GT_TWICE: ')
  })
})

describe('originals are never written', () => {
  test.each([
    ['results over a photograph', (name: string) => ['--out', `photos/${name}`]],
    ['pictures into the folder of photographs', () => ['--annotated', 'photos']],
    ['results over the ground truth', () => ['--gt', 'truth.json', '--out', './truth.json']],
  ])('%s', async (_, flags) => {
    const before = bytesBelow(root)
    const [name = ''] = filesBelow(photos)
    const { code, stderr } = await run('detect', 'photos', ...flags(name))
    expect(code).toBe(2)
    expect(errorCodes(stderr)).toEqual(['E_OUTPUT_IS_INPUT'])
    expect(bytesBelow(root)).toEqual(before)
  })

  test('a picture beside a single photograph', async () => {
    const before = bytesBelow(photos)
    const [name = ''] = filesBelow(photos)
    const { code, stderr } = await run('detect', `photos/${name}`, '--annotated', 'photos')
    expect(code).toBe(2)
    expect(errorCodes(stderr)).toEqual(['E_OUTPUT_IS_INPUT'])
    expect(bytesBelow(photos)).toEqual(before)
  })

  test('a second run does not take the pictures of the first for photographs', async () => {
    const inner = join(root, 'inner')
    mkdirSync(inner)
    for (const name of filesBelow(photos)) copyFileSync(join(photos, name), join(inner, name))
    const args = [
      'defend',
      '.',
      '--out',
      'r.json',
      '--annotated',
      'out/pictures',
      '--masks',
      'masks',
    ]
    const first = await patchwarden(args, { cwd: inner })
    expect(first.code, first.stderr).toBe(0)
    const bytes = bytesBelow(inner)
    const second = await patchwarden(args, { cwd: inner })
    expect(second.stderr).toContain('warning W_OUTPUT_FOLDER: 6 pictures')
    expect(bytesBelow(inner)).toEqual(bytes)
  })
})

describe('what cannot be written is told before the work', () => {
  test.each([
    ['a folder', ['--out', 'photos']],
    ['below a file', ['--out', 'r.jsonl/x.json']],
    ['pictures below a file', ['--annotated', 'r.jsonl/x']],
    ['pictures in a file', ['--annotated', 'r.jsonl']],
  ])('%s', async (_, flags) => {
    const before = filesBelow(root)
    const { code, stderr } = await run('detect', 'photos', ...flags)
    expect(code).toBe(2)
    expect(errorCodes(stderr)).toEqual(['E_WRITE_FAILED'])
    expect(stderr).not.toContain('detect [')
    expect(filesBelow(root)).toEqual(before)
  })
})

test('a place that is lost meanwhile costs nothing that was computed', async () => {
  const out = join(root, 'lost.json')
  const { ended } = startPatchwarden(['defend', 'photos', '--out', 'lost.json'], { cwd: root })
  await until(() => existsSync(`${out}.partial`))
  mkdirSync(out)
  const { code, stderr } = await ended
  expect(code).toBe(2)
  expect(errorCodes(stderr)).toEqual(['E_WRITE_FAILED'])
  expect(stderr).toContain('with --resume')
  rmSync(out, { recursive: true })
  const resumed = await run('defend', 'photos', '--out', 'lost.json', '--resume')
  expect(resumed.code, resumed.stderr).toBe(0)
  expect(resumed.stderr).toContain('3 taken over from the interrupted run')
  expect(readFileSync(out, 'utf8')).toBe((await run('defend', 'photos')).stdout)
  expect(existsSync(`${out}.partial`)).toBe(false)
})

test('a reader that goes away is no error', async () => {
  const { child, ended } = startPatchwarden(['detect', 'photos'], { cwd: root })
  child.stdout?.destroy()
  const { code, stderr } = await ended
  expect(code).toBe(0)
  expectPlainMessages(stderr)
})

describe.skipIf(process.platform !== 'linux')('a full disk', () => {
  test('behind standard output (Linux only: needs /dev/full)', async () => {
    const full = openSync('/dev/full', 'w')
    const { code, stderr } = await patchwarden(['detect', 'photos'], { cwd: root, stdoutTo: full })
    expect(code).toBe(2)
    expect(errorCodes(stderr)).toEqual(['E_DISK_FULL'])
    expectPlainMessages(stderr)
  })

  test.skipIf(!canMount)('from the start (needs the right to mount)', async () => {
    await withTinyDisk(16, async (disk) => {
      writeFileSync(join(disk, 'filler'), new Uint8Array(16 * 1024))
      const { code, stderr } = await run('detect', 'photos', '--out', join(disk, 'r.json'))
      expect(code).toBe(2)
      expect(errorCodes(stderr)).toEqual(['E_DISK_FULL'])
      expect(filesBelow(disk)).toEqual(['filler'])
    })
  })

  test.skipIf(!canMount)(
    'in the middle: what is done is kept (needs the right to mount)',
    async () => {
      await withTinyDisk(64, async (disk) => {
        writeFileSync(join(disk, 'filler'), new Uint8Array(60 * 1024)) // leaves one page: for one photograph, not for three
        const out = join(disk, 'r.json')
        const full = await run('detect', 'photos', '--out', out)
        expect(full.code, full.stderr).toBe(2)
        expect(errorCodes(full.stderr)).toEqual(['E_DISK_FULL'])
        expect(full.stderr).toContain('--resume')
        expect(filesBelow(disk)).toEqual(['filler', 'r.json.partial'])
        rmSync(join(disk, 'filler'))
        const resumed = await run('detect', 'photos', '--out', out, '--resume', '--format', 'jsonl')
        expect(resumed.code, resumed.stderr).toBe(0)
        expect(resumed.stderr).toMatch(/[12] taken over from the interrupted run/)
        expect(filesBelow(disk)).toEqual(['r.json'])
        const whole = await run('detect', 'photos', '--format', 'jsonl')
        expect(readFileSync(out, 'utf8')).toBe(whole.stdout)
      })
    },
  )

  test.skipIf(!canMount)(
    'for pictures: those that fit are whole (needs the right to mount)',
    async () => {
      await withTinyDisk(300, async (disk) => {
        const annotated = join(disk, 'pictures')
        const { code, stderr } = await run(
          ...['defend', 'photos', '--out', 'full.json', '--annotated', annotated],
          ...['--masks', join(disk, 'masks'), '--workers', '1'],
        )
        expect(code).toBe(1)
        const failures = errorCodes(stderr)
        expect(new Set(failures)).toEqual(new Set(['E_DISK_FULL']))
        const whole = filesBelow(annotated)
        expect(whole).toHaveLength(3 - failures.length)
        expect(whole.length).toBeGreaterThan(0)
        for (const name of whole) {
          const bytes = readFileSync(join(annotated, name))
          expect(bytes.subarray(-2)).toEqual(Buffer.from([0xff, 0xd9]))
        }
        expect(filesBelow(disk).filter((name) => name.includes('.tmp'))).toEqual([])
        const { images } = json(readFileSync(join(root, 'full.json'), 'utf8')) as Coco
        expect(images).toHaveLength(whole.length)
      })
    },
  )
})

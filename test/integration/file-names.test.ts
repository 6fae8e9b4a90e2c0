import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { permanentFolder } from '../support/permanent-folder'
import {
  bytesBelow,
  type Ended,
  expectPlainMessages,
  filesBelow,
  packageRoot,
  patchwarden,
} from '../support/program'

const root = permanentFolder('names')
const good = join(packageRoot, 'test/fixtures/images/good.jpg')
const linux = process.platform === 'linux'

// Windows and macOS refuse most of these names.
describe.skipIf(!linux)('odd names (Linux only: other systems refuse them)', () => {
  const names = [
    'new\nline.jpg',
    'tab\tand \u001b[31mred.jpg',
    'sp ace.jpg',
    `qu'o"te.jpg`,
    '-dash.jpg',
    '100%#?&.jpg',
    'a:b.jpg',
    'a?b.jpg',
    'Größe.jpg',
    'x.jpg',
    'x.jpg.jpg',
    'X.JPG',
    'x.probability.jpg',
  ]
  const raw = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])]
  const total = names.length + raw.length + 1
  let ended: Ended

  beforeAll(async () => {
    mkdirSync(join(root, 'odd'))
    for (const name of names) copyFileSync(good, join(root, 'odd', name))
    copyFileSync(join(packageRoot, 'test/fixtures/images/good.png'), join(root, 'odd/x.png'))
    for (const name of raw) {
      writeFileSync(
        Buffer.concat([Buffer.from(join(root, 'odd/')), name, Buffer.from('.jpg')]),
        readFileSync(good),
      )
    }
    writeFileSync(join(root, 'odd/bad\nname.jpg'), 'text')
    ended = await patchwarden(
      ['defend', 'odd', '--out', 'odd.jsonl', '--masks', 'm', '--annotated', 'a'],
      { cwd: root },
    )
  })

  test('are all read; messages stay one line and move no cursor', () => {
    expect(ended.code, ended.stderr).toBe(1)
    expectPlainMessages(ended.stderr)
    expect(ended.stderr).toContain('error E_IMAGE_UNKNOWN_FORMAT: odd/bad\\u000aname.jpg is not')
    expect(ended.stderr).toContain(`${total} photographs`)
  })

  test('are in the results as they are', () => {
    const lines = readFileSync(join(root, 'odd.jsonl'), 'utf8').trim().split('\n')
    const files = lines.map((line) => (JSON.parse(line) as { file: string }).file)
    expect(files).toHaveLength(total)
    expect(files).toEqual(expect.arrayContaining(names))
  })

  test.each(['m', 'a'])('give each a picture of its own in %s', (folder) => {
    const written = filesBelow(join(root, folder))
    expect(written).toHaveLength(total)
    // Also where case does not count.
    expect(new Set(written.map((name) => name.toLowerCase())).size).toBe(total)
    for (const name of written) expect(name).not.toMatch(/[\p{Cc}:*?"<>|\\]/u)
  })

  test('masks and probabilities of all get names of their own', async () => {
    const { code, stderr } = await patchwarden(
      ['segment', 'odd', '--out', 'segmented', '--probabilities'],
      { cwd: root },
    )
    expect(code).toBe(1)
    expect(filesBelow(join(root, 'segmented'))).toHaveLength(2 * total)
    expectPlainMessages(stderr)
  })

  test('a name that begins with a dash is a path after --', async () => {
    const { code, stdout } = await patchwarden(['detect', '--format', 'jsonl', '--', '-dash.jpg'], {
      cwd: join(root, 'odd'),
    })
    expect(code).toBe(0)
    expect(stdout).toContain('"-dash.jpg"')
  })
})

describe('the same names in two folders', () => {
  beforeAll(() => {
    for (const folder of ['one', 'two']) mkdirSync(join(root, folder))
    copyFileSync(good, join(root, 'one/1.jpg'))
    copyFileSync(join(packageRoot, 'test/fixtures/images/grey.jpg'), join(root, 'two/1.jpg'))
  })

  test('stay apart in results and pictures', async () => {
    const { code, stderr } = await patchwarden(
      ['detect', 'one', 'two', '--out', 'both.jsonl', '--annotated', 'both'],
      { cwd: root },
    )
    expect(code, stderr).toBe(0)
    const lines = readFileSync(join(root, 'both.jsonl'), 'utf8').trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { file: string }).file)).toEqual([
      'one/1.jpg',
      'two/1.jpg',
    ])
    const pictures = bytesBelow(join(root, 'both'))
    expect(Object.keys(pictures)).toEqual(['one/1.jpg', 'two/1.jpg'])
    expect(pictures['one/1.jpg']).not.toBe(pictures['two/1.jpg'])
  })

  test('a file that is named twice is read once', async () => {
    const { stdout } = await patchwarden(
      ['detect', 'one/1.jpg', './one/../one/1.jpg', 'one', '--format', 'jsonl'],
      { cwd: root },
    )
    expect(stdout.trim().split('\n')).toHaveLength(1)
  })
})

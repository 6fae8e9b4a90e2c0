import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeImage } from '../../../src/engine/images/decode-image'
import { listImages, type ImageListing } from '../../../src/engine/files/list-images'
import { asOrdinaryUser, temporaryFolder } from '../temporary-folder'

const good = join(import.meta.dirname, '../../fixtures/images/good.jpg')
const root = temporaryFolder()
chmodSync(root, 0o755)
const newFolder = () => mkdtempSync(join(root, 'list-'))
const posix = process.platform !== 'win32'
const linux = process.platform === 'linux'

/** A folder with copies of one picture, or other things by name. */
function folderOf(...names: string[]): string {
  const folder = newFolder()
  for (const name of names) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    copyFileSync(good, join(folder, name))
  }
  return folder
}

const below = (folder: string, { files }: ImageListing) =>
  files.map(({ path }) => path.slice(folder.length + 1))
const told = ({ problems, warnings }: ImageListing, folder: string) =>
  [...problems, ...warnings].map(({ path, code }) => [code, path.slice(folder.length + 1)])

describe('which files are listed', () => {
  test('pictures by their endings, in any case; the rest is counted', async () => {
    const folder = folderOf(
      'b.JPG',
      'a.png',
      'c.tiff',
      'd.webp',
      'e.txt',
      'f.jpg.json',
      '._a.png',
      'g',
    )
    const listing = await listImages([folder], { recursive: true })
    expect(below(folder, listing)).toEqual(['a.png', 'b.JPG', 'c.tiff', 'd.webp'])
    expect(listing.passedOver).toBe(4)
    expect(told(listing, folder)).toEqual([])
  })

  test('folders inside folders only when asked for', async () => {
    const folder = folderOf('a.jpg', 'sub/b.jpg', 'sub/deeper/c.jpg')
    const flat = await listImages([folder], { recursive: false })
    expect(below(folder, flat)).toEqual(['a.jpg'])
    const deep = await listImages([`${folder}//`], { recursive: true })
    expect(below(folder, deep)).toEqual(['a.jpg', 'sub/b.jpg', 'sub/deeper/c.jpg'])
  })

  test('a file that is named is taken whatever its name, and once', async () => {
    const folder = folderOf('photo', 'a.jpg')
    const paths = [join(folder, 'photo'), folder, join(folder, 'a.jpg'), join(folder, 'photo')]
    const listing = await listImages(paths, { recursive: true })
    expect(below(folder, listing)).toEqual(['a.jpg', 'photo'])
    expect(listing.problems).toEqual([])
  })

  test('the order is that of code units, whatever the order of the arguments', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9é_-]{1,6}$/), { minLength: 2, maxLength: 8 }),
        async (stems) => {
          const folder = newFolder()
          const paths = stems.map((stem) => join(folder, `${stem}.jpg`))
          for (const path of paths) writeFileSync(path, '')
          const { files } = await listImages(paths, { recursive: true })
          const listed = files.map(({ path }) => path)
          expect(listed).toEqual([...paths].sort())
          const whole = await listImages([folder], { recursive: true })
          expect(whole.files.map(({ path }) => path)).toEqual(listed)
        },
      ),
      { numRuns: 20 },
    )
  })
})

describe('problems do not stop the rest', () => {
  test('missing paths, addresses, empty folders, impossible names', async () => {
    const folder = folderOf('a.jpg', 'texts/a.txt')
    const paths = [
      join(folder, 'no.jpg'),
      'https://example.org/a.jpg',
      join(folder, 'texts'),
      '',
      'x\0',
      folder,
    ]
    const listing = await listImages(paths, { recursive: true })
    expect(below(folder, listing)).toEqual(['a.jpg'])
    const byCode = new Map(listing.problems.map((problem) => [problem.code, problem.message]))
    expect([...byCode.keys()].sort()).toEqual([
      'E_FILE_NOT_FOUND',
      'E_NO_IMAGES',
      'E_PATH_INVALID',
      'E_PATH_IS_URL',
    ])
    expect(byCode.get('E_NO_IMAGES')).toBe(
      `The folder ${join(folder, 'texts')} holds no pictures (1 other file was passed over).`,
    )
  })

  test('a folder whose pictures lie deeper says so', async () => {
    const folder = folderOf('sub/a.jpg')
    const { problems } = await listImages([folder], { recursive: false })
    expect(problems).toMatchObject([{ code: 'E_NO_IMAGES', path: folder }])
    expect(problems[0]!.hint).toContain('recursive')
  })

  test.runIf(posix)('folders without permission', async () => {
    const folder = folderOf('a.jpg', 'locked/b.jpg')
    chmodSync(folder, 0o755)
    chmodSync(join(folder, 'locked'), 0)
    const listing = await asOrdinaryUser(() => listImages([folder], { recursive: true }))
    chmodSync(join(folder, 'locked'), 0o700)
    expect(below(folder, listing)).toEqual(['a.jpg'])
    expect(told(listing, folder)).toEqual([['E_FOLDER_UNREADABLE', 'locked']])
    expect(listing.problems[0]!.message).toContain('permission denied')
  })

  test.runIf(posix)('links inside folders are told, not followed; a named link is', async () => {
    const folder = folderOf('a.jpg')
    symlinkSync('loop-b', join(folder, 'loop-a'))
    symlinkSync('loop-a', join(folder, 'loop-b'))
    symlinkSync('.', join(folder, 'self'))
    symlinkSync('/etc/hostname', join(folder, 'out.jpg'))
    const listing = await listImages([folder], { recursive: true })
    expect(below(folder, listing)).toEqual(['a.jpg'])
    expect(told(listing, folder)).toEqual([
      ['E_LINK', 'loop-a'],
      ['E_LINK', 'loop-b'],
      ['E_LINK', 'out.jpg'],
      ['E_LINK', 'self'],
    ])

    const beside = newFolder()
    symlinkSync(join(folder, 'a.jpg'), join(beside, 'named.jpg'))
    symlinkSync(folder, join(beside, 'pictures'))
    symlinkSync('nowhere', join(beside, 'dangling.jpg'))
    const named = await listImages(
      ['named.jpg', 'pictures', 'dangling.jpg'].map((name) => join(beside, name)),
      { recursive: true },
    )
    expect(below(beside, named)).toEqual(['named.jpg', 'pictures/a.jpg'])
    expect((await decodeImage(named.files[0]!.source)).image.width).toBe(48)
    const dangling = named.problems.find(({ path }) => path.endsWith('dangling.jpg'))
    expect(dangling).toMatchObject({ code: 'E_FILE_NOT_FOUND' })
    expect(dangling!.message).toContain('leads nowhere')
  })

  test.runIf(posix)('pipes', async () => {
    const folder = folderOf('a.jpg')
    execFileSync('mkfifo', [join(folder, 'pipe.jpg'), join(folder, 'pipe')])
    const listing = await listImages([folder, join(folder, 'pipe')], { recursive: true })
    expect(below(folder, listing)).toEqual(['a.jpg'])
    expect(told(listing, folder)).toEqual([
      ['E_FILE_NOT_REGULAR', 'pipe'],
      ['E_FILE_NOT_REGULAR', 'pipe.jpg'],
    ])
  })
})

describe('odd names', () => {
  test.runIf(linux)(
    'bytes that are not UTF-8 are shown with a sign and opened by the bytes',
    async () => {
      const folder = newFolder()
      const name = Buffer.from('696d675fff5f626164212e6a7067', 'hex')
      copyFileSync(good, Buffer.concat([Buffer.from(`${folder}/`), name]))
      const deeper = Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xe9)])
      mkdirSync(deeper)
      copyFileSync(good, Buffer.concat([deeper, Buffer.from('/plain.jpg')]))
      const listing = await listImages([folder], { recursive: true })
      expect(below(folder, listing)).toEqual(['img_\ufffd_bad!.jpg', '\ufffd/plain.jpg'])
      expect(told(listing, folder)).toEqual([['W_NAME_NOT_UTF8', 'img_\ufffd_bad!.jpg']])
      for (const { source, path } of listing.files) {
        const { image } = await decodeImage(source, { name: path })
        expect(image.width).toBe(48)
      }
    },
  )

  test.runIf(linux).each([
    [['a\nb.jpg'], ['W_NAME_UNUSUAL']],
    [['-rf.jpg'], []],
    [['\u202egpj.jpg'], ['W_NAME_UNUSUAL']],
    [['café.jpg', 'cafe\u0301.jpg'], ['W_NAME_COLLISION']],
    [['X.jpg', 'x.jpg'], ['W_NAME_COLLISION']],
    [['CON.jpg'], ['W_NAME_RESERVED']],
    [['Console.jpg', 'Zürich, Bahnhof (2).jpg'], []],
    [[`${'n'.repeat(251)}.jpg`], []],
  ])('%j', async (names, expected) => {
    const folder = folderOf(...names)
    const { files, warnings, problems } = await listImages([folder], { recursive: true })
    expect(files.length).toBe(names.length)
    expect(problems).toEqual([])
    expect(warnings.map(({ code }) => code)).toEqual(expected)
    for (const { message } of warnings) expect(message).not.toContain('\n')
    for (const { source } of files) expect((await decodeImage(source)).image.width).toBe(48)
  })
})

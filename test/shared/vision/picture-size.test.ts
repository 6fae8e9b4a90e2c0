import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { readImageHeader } from '../../../src/engine/images/image-header'
import { pictureSize } from '../../../src/shared/vision/picture-size'
import { mutatedBytes } from '../../support/mutations'

const folder = 'test/fixtures/images'
const sizeOf = (bytes: Uint8Array) =>
  pictureSize((offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)))

/** What the reader of whole files says; null where it refuses. */
function expectedOf(bytes: Uint8Array) {
  try {
    const { width, height } = readImageHeader(bytes)
    return { width, height }
  } catch {
    return null
  }
}

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(jpe?g|png|gif|webp|tif)$/.test(name))
  .map((name) => [name, new Uint8Array(readFileSync(`${folder}/${name}`))] as const)

test.each(files)('%s: as the reader of whole files', async (_, bytes) => {
  const expected = expectedOf(bytes)
  const found = await sizeOf(bytes)
  // Less is asked here: what is refused for its colours or its data still has a size.
  if (expected !== null) expect(found).toEqual(expected)
})

test('every coding that is made', async () => {
  const picture = sharp({ create: { width: 300, height: 7, channels: 3, background: 'red' } })
  const made = await Promise.all([
    picture
      .clone()
      .jpeg({ progressive: true })
      .withExifMerge({ IFD0: { Copyright: 'x'.repeat(9000) } })
      .toBuffer(),
    picture.clone().png().toBuffer(),
    picture.clone().webp({ lossless: true }).toBuffer(),
    picture.clone().webp({ quality: 50 }).toBuffer(),
    picture.clone().ensureAlpha(0.5).webp().toBuffer(),
    picture.clone().gif().toBuffer(),
    picture.clone().tiff({ compression: 'lzw' }).toBuffer(),
    picture.clone().tiff({ bigtiff: true }).toBuffer(),
  ])
  for (const bytes of made)
    expect(await sizeOf(new Uint8Array(bytes))).toEqual({ width: 300, height: 7 })
})

test('only small parts of a file are read', async () => {
  const large = new Uint8Array(readFileSync(`${folder}/page.jpg`))
  let read = 0
  await pictureSize((offset, length) => {
    const part = large.subarray(offset, offset + length)
    read += part.length
    return Promise.resolve(part)
  })
  expect(read).toBeLessThan(6000)
})

test('other bytes have no size, and damaged ones do no harm', async () => {
  expect(await sizeOf(new Uint8Array())).toBeNull()
  expect(
    await sizeOf(new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>')),
  ).toBeNull()
  const seeds = files
    .filter(([name]) => !name.includes('bomb'))
    .map(([, bytes]) => bytes.slice(0, 400))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...seeds).chain(mutatedBytes), async (bytes) => {
      const found = await sizeOf(bytes)
      if (found !== null) expect(Math.min(found.width, found.height)).toBeGreaterThan(0)
    }),
  )
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import importer from '../../../src/datasets/d3s/importer'
import { backgrounds } from '../../../src/datasets/d3s/record'
import type { JsonValue } from '../../../src/shared/dataset'
import { AppError } from '../../../src/shared/errors'
import { memoryFiles } from '../../support/memory-files'
import { fuzzing, mutatedBytes, mutatedJson } from '../../support/mutations'
import { miniature, miniatureFiles } from '../fixture-files'
import { importAll } from '../import-all'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const expected = JSON.parse(text(miniature('d3s/expected.json'))) as {
  readonly splits: {
    readonly train: { readonly entries: number; readonly background_shift: number }
    readonly val: {
      readonly entries: number
      readonly background_shift: number
      readonly filtered_entries: number
    }
  }
  readonly classes: Readonly<Record<string, string>>
  readonly backgrounds: readonly string[]
  readonly generated_view_xywh: readonly number[]
  readonly loader_view_xywh: readonly number[]
}

const viewOf = (pixels: unknown) => {
  const { x, y, width, height } = pixels as { x: number; y: number; width: number; height: number } // a tile, by the test
  return [x, y, width, height]
}

describe('the miniature', () => {
  test('has all pictures, in exact tiles, where no list hides any', async () => {
    const files = miniatureFiles('d3s')
    const { images, problems } = await importAll(importer, files, { verified: false })
    expect(problems).toEqual([])
    for (const split of ['train', 'val'] as const) {
      const own = images.filter((image) => image.split === split)
      const shift = own.filter((image) => image.attributes['shift'] === 'background-shift')
      expect([own.length, shift.length]).toEqual([
        expected.splits[split].entries,
        expected.splits[split].background_shift,
      ])
    }
    for (const image of images) {
      expect(viewOf(image.pixels)).toEqual(expected.generated_view_xywh)
      expect([image.width, image.height]).toEqual([512, 512])
      expect(await files.has(image.file)).toBe(true)
    }
    const classes = Object.fromEntries<unknown>(
      images.map(({ label }) => [String(label?.index), label?.name]),
    )
    expect(classes).toEqual(expected.classes)
    const val = images.filter(({ split }) => split === 'val')
    expect(val.filter(({ attributes }) => attributes['verified'] === true)).toHaveLength(
      expected.splits.val.filtered_entries,
    )
  })

  test('by default shows of val what was not rejected', async () => {
    const { images } = await importAll(importer, miniatureFiles('d3s'))
    const count = (split: string) => images.filter((image) => image.split === split).length
    expect([count('train'), count('val')]).toEqual([
      expected.splits.train.entries,
      expected.splits.val.filtered_entries,
    ])
    expect(
      images.every(({ split, attributes }) => (split === 'val') === 'verified' in attributes),
    ).toBe(true)
  })

  test('can be cut as the published loader does', async () => {
    const { images } = await importAll(importer, miniatureFiles('d3s'), { geometry: 'published' })
    for (const { pixels } of images) expect(viewOf(pixels)).toEqual(expected.loader_view_xywh)
  })

  test('backgrounds have their numbers', async () => {
    expect(backgrounds).toEqual(expected.backgrounds)
    const { images } = await importAll(importer, miniatureFiles('d3s'))
    for (const { attributes } of images) {
      const { background, background_index: index } = attributes
      expect(expected.backgrounds.findIndex((word) => word === background)).toBe(index)
    }
    expect(images[1]?.attributes).toEqual({
      shift: 'background-shift',
      prompt: 'a photo of a tabby, striped cat, synthetic definition, in water',
      definition: 'striped cat, synthetic definition',
      fg_scale: 0.4,
      has_init: true,
      background: 'water',
      background_index: 3,
    })
  })

  test('can be chosen by the folder of one split', async () => {
    const { images } = await importAll(importer, miniatureFiles('d3s/val'), { verified: false })
    expect(images).toHaveLength(expected.splits.val.entries)
    expect(images.map(({ file }) => file)).toContain('time-shift/1001.png')
    expect(images[0]?.split).toBe('val')
  })

  test('proposes weak boxes only if asked for', async () => {
    const without = await importAll(importer, miniatureFiles('d3s'))
    expect([without.objects, without.categories]).toEqual([[], []])
    const { objects, categories } = await importAll(importer, miniatureFiles('d3s'), {
      weakBoxes: true,
    })
    expect(categories).toHaveLength(6)
    expect(objects[0]).toMatchObject({
      object: { box: [0, 0, 512, 512], attributes: { derived: 'whole picture' } },
    })
  })

  test('is recognised, with its licence; others are not', async () => {
    const recognition = await importer.recognizes(miniatureFiles('d3s'))
    expect(recognition.certainty).toBeGreaterThan(0.9)
    expect(recognition.summary).toMatch(/research only/)
    for (const folder of ['apricot-mask', 'om-imagenet', 'hostile']) {
      expect((await importer.recognizes(miniatureFiles(folder))).certainty).toBe(0)
    }
    await expect(importAll(importer, miniatureFiles('hostile'))).rejects.toMatchObject({
      code: 'E_NO_ANNOTATIONS',
    })
  })
})

describe('records', () => {
  const good = {
    image: 'D:\\made\\here\\val\\background-shift\\1.png',
    classIdx: '281',
    prompt: 'p',
    args: { class_name: 'tabby, tabby cat', background: 'on grass' },
    hasInit: true,
    background: 'grass',
  }
  const read = (list: JsonValue, more: Record<string, string | Uint8Array> = {}) =>
    importAll(importer, memoryFiles({ 'val/metadata.json': JSON.stringify(list), ...more }))
  const codes = async (changes: Record<string, JsonValue>) => {
    const { problems, images } = await read([{ ...good, ...changes }])
    return [problems.map((p) => [p.decision, p.code, p.record]), images.length]
  }

  test('paths of other machines end in shift and file', async () => {
    const { images, problems } = await read([good], { 'val/background-shift/1.png': 'x' })
    expect(problems).toEqual([])
    expect(images).toMatchObject([
      {
        sourceId: 'val/background-shift/1.png',
        file: 'val/background-shift/1.png',
        label: { index: 281, name: 'tabby' },
      },
    ])
  })

  test.each<[Record<string, JsonValue>, string, string, number]>([
    [{ classIdx: 'tabby' }, 'accept-with-warning', 'W_CLASS_NOT_INTEGER', 1],
    [{ classIdx: 1000 }, 'accept-with-warning', 'W_CLASS_NOT_INTEGER', 1],
    [{ background: 'moon' }, 'accept-with-warning', 'W_UNKNOWN_BACKGROUND', 1],
    [{ image: null }, 'skip-record', 'E_PATH_INVALID', 0],
    [{ image: '1.png' }, 'skip-record', 'E_PATH_INVALID', 0],
    [{ image: 'a/../..' }, 'skip-record', 'E_PATH_ESCAPES_ROOT', 0],
    [
      { image: 'https://example.invalid/val/background-shift/1.png' },
      'skip-record',
      'E_PATH_IS_URL',
      0,
    ],
    [{ image: 'val/background-shift/1\u0000.png' }, 'skip-record', 'E_PATH_INVALID', 0],
  ])('%j: %s %s', async (changes, decision, code, images) => {
    expect(await codes(changes)).toEqual([[[decision, code, 0]], images])
  })

  test('whole numbers are classes too; the background may be missing', async () => {
    expect(await codes({ classIdx: 5 })).toEqual([[], 1])
    const { images } = await read([{ ...good, background: null, args: {} }])
    expect(images[0]?.attributes).toMatchObject({ background: null, background_index: null })
    const phrase = await read([{ ...good, background: null }])
    expect(phrase.images[0]?.attributes['background']).toBe('grass')
  })

  test('the second record of a picture is left out', async () => {
    const { problems, images } = await read([good, good])
    expect([images.length, problems.map((p) => [p.code, p.record])]).toEqual([
      1,
      [['E_DUPLICATE_IMAGE_ID', 1]],
    ])
  })

  test('the real size decides about tiles', async () => {
    const png = miniature('d3s/val/background-shift/1.png').slice()
    const view = new DataView(png.buffer, png.byteOffset)
    const name = 'val/background-shift/1.png'
    view.setUint32(16, 512)
    view.setUint32(20, 512)
    const plain = await read([good], { [name]: png.slice() })
    expect([plain.images[0]?.pixels, plain.problems]).toEqual([undefined, []])
    view.setUint32(16, 640)
    const strange = await read([good], { [name]: png.slice() })
    expect(strange.images[0]).toMatchObject({ width: 640, height: 512 })
    expect(strange.images[0]?.pixels).toBeUndefined()
    expect(strange.problems.map((p) => [p.decision, p.code])).toEqual([
      ['accept-with-warning', 'W_IMAGE_SIZE_MISMATCH'],
    ])
  })

  test('metadata that is no list is left out', async () => {
    const { problems, images } = await read({ image: 'x' })
    expect([problems.map((p) => [p.decision, p.code]), images]).toEqual([
      [['skip-file', 'E_JSON_SYNTAX']],
      [],
    ])
  })

  test('reviews are counted by the last two parts of the path', async () => {
    const annotations = (foreground: string, nsfw: string) =>
      JSON.stringify([
        { annotations: JSON.stringify({ '/x/val/background-shift/1.png': { foreground, nsfw } }) },
      ])
    const cell = (value: string) => `"${value.replaceAll('"', '""')}"`
    const rows = [
      annotations('Yes', 'No'),
      annotations('No', 'Yes'),
      annotations('Yes', 'No'),
      '[}',
    ]
    const csv = `HITId,Answer.taskAnswers\n${rows.map((row, i) => `${i},${cell(row)}`).join('\n')}\n`
    const { images, problems } = await read([good], {
      'reviews.csv': csv,
      'other.csv': 'a,b\n1,2\n',
    })
    expect(images[0]?.attributes['review']).toEqual({ answers: 3, foreground: 2, nsfw: 1 })
    expect(problems.map((p) => [p.decision, p.code, p.line])).toEqual([
      ['skip-record', 'E_JSON_SYNTAX', 5],
    ])
  })
})

test('fuzz: damaged metadata gives problems or an AppError, nothing else', async () => {
  const source = miniature('d3s/val/metadata.json')
  const document = JSON.parse(text(source)) as JsonValue
  const inputs = fc.oneof(
    mutatedBytes(source),
    mutatedJson(document).map((value) => new TextEncoder().encode(JSON.stringify(value))),
  )
  await fc.assert(
    fc.asyncProperty(inputs, async (bytes) => {
      try {
        await importAll(importer, memoryFiles({ 'val/metadata.json': bytes }))
      } catch (error) {
        if (!(error instanceof AppError)) throw error
      }
    }),
    fuzzing,
  )
})

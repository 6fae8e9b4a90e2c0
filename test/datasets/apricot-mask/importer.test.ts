import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import exporter from '../../../src/datasets/apricot-mask/exporter'
import importer from '../../../src/datasets/apricot-mask/importer'
import { encodeMaskPng } from '../../../src/datasets/reading/mask-png'
import type {
  ContentImage,
  DatasetContent,
  FileSource,
  ImportTools,
} from '../../../src/shared/dataset'
import type { Mask } from '../../../src/shared/vision/mask'
import { encodeMask, rleArea } from '../../../src/shared/vision/rle'
import { rleToText } from '../../../src/shared/vision/rle-text'
import { memoryFiles } from '../../support/memory-files'
import { memorySink } from '../../support/memory-sink'
import { fuzzing, mutatedBytes, propertyRuns } from '../../support/mutations'
import { miniature, miniatureFiles } from '../fixture-files'
import { hostileCases } from '../hostile-cases'
import { importAll } from '../import-all'
import { floatBytes } from '../reading/torch/bytes'
import { writeDict } from '../reading/torch/pickle-writer'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const expected = JSON.parse(text(miniature('apricot-mask/expected.json'))) as {
  readonly per_image: Readonly<Record<string, { readonly patch_pixels: number }>>
}
const expectedPixels = Object.entries(expected.per_image).map(([name, one]) => [
  name,
  one.patch_pixels,
])

/** The host's decoder, as the engine gives it. */
const toolsFor = (files: FileSource): ImportTools => ({
  async decode(name) {
    const { data, info } = await sharp(await files.read(name))
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
    return { data: new Uint8Array(data), width: info.width, height: info.height }
  },
})

async function read(files: FileSource, params: Record<string, string> = {}, tools?: ImportTools) {
  const withTools = {
    params: importer.params,
    read: (source: FileSource, settings: ReturnType<typeof importer.params.parse>) =>
      importer.read(source, settings, tools),
  }
  const all = await importAll(withTools, files, params)
  const pixels = all.images.map((image) => {
    const own = all.patches.filter(({ imageId }) => imageId === image.sourceId)
    const masks = own.flatMap(({ patch }) => (patch.shape?.mask ? [patch.shape.mask] : []))
    return [image.file.split('/').at(-1), masks.map(rleArea)] as const
  })
  return { ...all, pixels }
}

async function pick(folder: string, wanted: (name: string) => boolean, more = {}) {
  const files = miniatureFiles(folder)
  const kept: Record<string, Uint8Array> = {}
  for await (const name of files.list()) if (wanted(name)) kept[name] = await files.read(name)
  return memoryFiles({ ...kept, ...more })
}

describe('the miniature', () => {
  test('PNG masks of all photographs', async () => {
    const files = miniatureFiles('apricot-mask')
    expect((await importer.recognizes(files)).certainty).toBeGreaterThan(0.97)
    const { pixels, problems, patches } = await read(files)
    expect(problems).toEqual([])
    expect(pixels.map(([name, areas]) => [name, areas[0]])).toEqual(expectedPixels)
    expect(patches.every(({ patch }) => patch.name !== null && patch.target !== null)).toBe(true)
  })

  test('torch masks, for the four that have one', async () => {
    const files = await pick('apricot-mask', (name) => !name.startsWith('masks-png'))
    const { pixels, problems } = await read(files)
    expect(problems).toEqual([])
    const withMask = pixels.filter(([, areas]) => areas.length > 0)
    expect(withMask.map(([name, areas]) => [name, areas[0]])).toEqual(
      expectedPixels.filter(([name]) => /_000[1278]/.test(String(name))),
    )
  })

  test('torch masks with other names are paired by their pictures', async () => {
    const renamed: Record<string, Uint8Array> = {}
    for (const [split, name] of [
      ['dev', '0001'],
      ['dev', '0002'],
      ['test', '0007'],
      ['test', '0008'],
    ] as const) {
      const folder = `apricot-mask/masks-torch/pub/apricot-mask/${split}/data_mask_v2`
      renamed[`masks/${split}/x-${name}.pt`] = miniature(`${folder}/${split}_${name}.pt`)
    }
    const files = await pick('apricot-mask', (name) => name.startsWith('v1.1'), renamed)
    const { pixels, problems } = await read(files, {}, toolsFor(files))
    expect(problems).toEqual([])
    expect(
      pixels.filter(([, areas]) => areas.length > 0).map(([name, areas]) => [name, areas[0]]),
    ).toEqual(expectedPixels.filter(([name]) => /_000[1278]/.test(String(name))))
    // Without a decoder they are listed, and nothing is guessed.
    const without = await read(files)
    expect(without.problems.map((p) => [p.decision, p.code])).toEqual(
      Array.from({ length: 4 }, () => ['skip-file', 'W_IMAGE_FILE_MISSING']),
    )
    expect(without.pixels.every(([, areas]) => areas.length === 0)).toBe(true)
  })

  test('COCO runs', async () => {
    const mask = circle(64, 48, 20, 36, 8)
    const document = {
      images: [{ id: 5, file_name: 'DEV_0001.png' }],
      annotations: [
        {
          id: 1,
          image_id: 5,
          segmentation: { size: [48, 64], counts: rleToText(encodeMask(mask)) },
        },
      ],
    }
    const more = { 'masks.json': JSON.stringify(document) }
    const files = await pick('apricot-mask', (name) => name.startsWith('v1.1'), more)
    const { pixels } = await read(files, { split: 'dev' })
    expect(pixels[0]).toEqual(['dev_0001.jpg', [rleArea(encodeMask(mask))]])
  })
})

/** One photograph of 48 x 32 with the boxes given, and a mask file for it. */
function oneMask(name: string, bytes: Uint8Array | string, boxes: number[][] = [[0, 0, 48, 32]]) {
  const document = {
    images: [{ id: 1, file_name: 'good.jpg', width: 48, height: 32 }],
    categories: [],
    patches: [{ id: 0, name: 'frc1', adv_target: 53 }],
    annotations: boxes.map((bbox, i) => ({
      id: i + 1,
      image_id: 1,
      category_id: 12,
      bbox,
      patch_id: 0,
    })),
  }
  return memoryFiles({
    'Annotations/apricot_dev_all_annotations.json': JSON.stringify(document),
    [`masks/dev/${name}`]: bytes,
  })
}

describe('hostile masks', () => {
  test.each(hostileCases('masks'))('$path: $what', async ({ path, decision, code, pixels }) => {
    const ending = path.endsWith('.jpg') ? 'jpg' : 'png'
    const files = oneMask(`good.${ending}`, miniature(`hostile/${path}`))
    const found = await read(files, {}, toolsFor(files))
    const wanted = decision === 'accept' ? [] : [[decision, code]]
    expect(found.problems.map((p) => [p.decision, p.code])).toEqual(wanted)
    const areas = found.pixels[0]?.[1] ?? []
    if (decision === 'skip-file') expect(areas).toEqual([])
    else if (path.includes('colours')) expect(areas).toEqual([49, 49])
    else if (pixels === 0) expect(areas).toEqual([])
    else {
      const tolerance = path.includes('lossy') ? 5 : 0
      expect(Math.abs((areas[0] ?? 0) - (pixels ?? 0))).toBeLessThanOrEqual(tolerance)
    }
    if (path.includes('transposed')) expect(found.problems[0]?.message).toMatch(/exchanged/)
  })

  test('a JPEG mask without a decoder is left out', async () => {
    const files = oneMask('good.jpg', miniature('hostile/masks/lossy.jpg'))
    expect((await read(files)).problems).toMatchObject([
      { code: 'E_IMAGE_UNSUPPORTED', decision: 'skip-file' },
    ])
  })

  test.each(hostileCases('torch'))(
    '$path is left out, the photograph stays',
    async ({ path, code }) => {
      const files = oneMask(`good.${path.split('.').at(-1) ?? ''}`, miniature(`hostile/${path}`))
      const { problems, images, patches } = await read(files)
      expect(problems.map((p) => [p.decision, p.code])).toEqual([['skip-file', code]])
      expect([images.length, patches.length]).toEqual([1, 1])
    },
  )

  test('a mask of half the size is enlarged only if asked for', async () => {
    const files = oneMask('good.png', miniature('hostile/masks/wrong-size.png'))
    const refused = await read(files)
    expect(refused.problems.map((p) => [p.decision, p.code])).toEqual([
      ['skip-file', 'E_MASK_SIZE_MISMATCH'],
    ])
    expect(refused.problems[0]?.message).toMatch(/half/)
    const { problems, patches } = await read(files, { halfSize: 'enlarge' })
    expect(problems.every(({ code }) => code.startsWith('W_'))).toBe(true)
    expect(patches[0]?.patch.shape?.mask).toMatchObject({ width: 48, height: 32 })
  })
})

describe('several patches in one photograph', () => {
  const two = joinMasks(circle(48, 32, 10, 10, 5), circle(48, 32, 35, 20, 6))

  test('get the connected parts in their boxes', async () => {
    const files = oneMask('good.png', encodeMaskPng(two), [
      [28, 12, 16, 16],
      [4, 4, 14, 14],
    ])
    const { patches, problems } = await read(files)
    expect(problems).toEqual([])
    expect(patches.map(({ patch }) => patch.shape?.mask)).toEqual(
      [circle(48, 32, 35, 20, 6), circle(48, 32, 10, 10, 5)].map(encodeMask),
    )
  })

  test('a part outside all boxes becomes a patch without a name', async () => {
    const files = oneMask('good.png', encodeMaskPng(two), [
      [28, 12, 16, 16],
      [44, 0, 2, 2],
    ])
    const { patches } = await read(files)
    expect(patches.map(({ patch }) => [patch.name, Boolean(patch.shape)])).toEqual([
      ['frc1', true],
      ['frc1', false],
      [null, true],
    ])
  })

  test('a mask outside its box is told', async () => {
    const files = oneMask('good.png', encodeMaskPng(two), [[4, 4, 14, 14]])
    expect((await read(files)).problems).toMatchObject([
      { code: 'W_MASK_OUTSIDE_BOX', decision: 'accept-with-warning' },
    ])
  })

  test('without a patch in the annotations the mask is a patch of its own', async () => {
    const { patches } = await read(oneMask('good.png', encodeMaskPng(two), []))
    expect(patches).toMatchObject([{ patch: { name: null, box: [5, 5, 37, 22] } }])
  })
})

describe('torch masks', () => {
  const values = [0.49, 0.5, 0, 1, 0.7, 0.2]
  const mask = (shape: number[], bytes = floatBytes(values), dtype = 'f4') =>
    writeDict({ Mask: (to) => to.array({ dtype, shape, bytes }) })
  const small = (bytes: Uint8Array) =>
    memoryFiles({
      'Annotations/apricot_dev_all_annotations.json': JSON.stringify({
        images: [{ id: 1, file_name: 'a.jpg', width: 3, height: 2 }],
        annotations: [],
      }),
      'dev/data_mask_v2/A.PT': bytes,
    })

  test.each([[[1, 2, 3, 1]], [[1, 2, 3]], [[2, 3]], [[2, 3, 1]]])('of shape %j', async (shape) => {
    const { pixels, problems } = await read(small(mask(shape)))
    expect([pixels, problems]).toEqual([[['a.jpg', [3]]], []])
  })

  test('of whole numbers count above 0', async () => {
    const bytes = Uint8Array.of(0, 1, 2, 255, 0, 0)
    expect((await read(small(mask([2, 3], bytes, 'u1')))).pixels[0]?.[1]).toEqual([3])
  })

  test.each([
    ['E_TENSOR_SHAPE', mask([1, 1, 2, 3, 1])],
    ['E_TENSOR_NOT_FINITE', mask([2, 3], floatBytes([...values.slice(1), NaN]))],
    ['E_TENSOR_SHAPE', writeDict({ Picture: (to) => to.int(3) })],
    ['E_MASK_SIZE_MISMATCH', mask([3, 2])],
  ])('%s', async (code, bytes) => {
    const wanted = code === 'E_TENSOR_SHAPE' && bytes.length > 100 ? [] : [code]
    const { problems } = await read(small(bytes))
    // Five axes of which three have length one are a plane all the same.
    expect(problems.map((p) => p.code)).toEqual(wanted)
  })
})

test('fuzz: damaged masks are left out or told, and the photograph stays', async () => {
  const png = mutatedBytes(miniature('hostile/masks/colours.png')).map((bytes) => ({
    bytes,
    name: 'good.png',
  }))
  const small = writeDict({
    Mask: (to) =>
      to.array({
        dtype: 'u1',
        order: '|',
        shape: [32, 48],
        bytes: new Uint8Array(32 * 48).fill(1, 99, 400),
      }),
  })
  const torch = mutatedBytes(small).map((bytes) => ({ bytes, name: 'good.pt' }))
  await fc.assert(
    fc.asyncProperty(fc.oneof(png, torch), async ({ bytes, name }) => {
      const { images, problems } = await read(oneMask(name, bytes))
      expect(images).toHaveLength(1)
      expect(problems.every(({ file }) => file === `masks/dev/${name}`)).toBe(true)
    }),
    fuzzing,
  )
})

describe('export', () => {
  const masks = fc
    .uint8Array({ minLength: 48 * 32, maxLength: 48 * 32, max: 1 })
    .filter((bits) => bits.includes(1))
    .map((bits): Mask => ({ width: 48, height: 32, bits }))

  test('what is exported is imported again, pixel by pixel, and gives the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(masks, fc.constantFrom('1', '8'), async (mask, bits) => {
        const content = contentOf([{ file: 'Images/dev/good.jpg', mask }])
        const sink = memorySink()
        const params = exporter.params.parse({ bits })
        exporter.write(content, sink, params)
        const [[name, bytes] = ['', new Uint8Array(0)]] = [...sink.files()]
        expect(name).toBe('dev/good.png')
        const again = memorySink()
        exporter.write(content, again, params)
        expect(again.files()).toEqual(sink.files())
        const { patches } = await read(oneMask('good.png', new Uint8Array(bytes)))
        expect(patches[0]?.patch.shape?.mask).toEqual(encodeMask(mask))
      }),
      { numRuns: propertyRuns },
    )
  })

  test('what it cannot hold is told, and names do not collide', () => {
    const mask = circle(48, 32, 10, 10, 5)
    const content = contentOf([
      { file: 'a/x.jpg', mask },
      { file: 'b/X.png', mask },
      { file: 'c/y.jpg', mask: null },
    ])
    const sink = memorySink()
    exporter.write(content, sink, exporter.params.parse({}))
    expect([...sink.files().keys()]).toEqual(['dev/x.png', 'dev/X.png.png'])
    expect(
      exporter.losses(content, exporter.params.parse({})).map(({ what, count }) => [what, count]),
    ).toEqual([
      ['objects', 3],
      ['boxes-without-mask', 1],
      ['images-without-masks', 1],
      ['attributes', 3],
    ])
  })
})

function contentOf(list: readonly { file: string; mask: Mask | null }[]): DatasetContent {
  let id = 0
  const images = list.map(({ file, mask }, i): ContentImage => {
    const patch = {
      id: ++id,
      categoryId: 2,
      box: [0, 0, 48, 32] as const,
      ...(mask ? { shape: { mask: encodeMask(mask) } } : {}),
      area: 1,
      isCrowd: false,
      isPatch: true,
      attributes: { patch_id: 1 },
    }
    const object = { ...patch, id: ++id, categoryId: 1, isPatch: false, attributes: {} }
    const objects = [patch, object]
    return { id: i + 1, file, width: 48, height: 32, split: 'dev', attributes: {}, objects }
  })
  const categories = [
    { id: 1, name: 'person' },
    { id: 2, name: 'adversarial patch' },
  ]
  return { name: 'x', categories, images: () => images }
}

function circle(width: number, height: number, cx: number, cy: number, radius: number): Mask {
  const bits = new Uint8Array(width * height)
  for (let i = 0; i < bits.length; i++) {
    const [dx, dy] = [(i % width) - cx, Math.floor(i / width) - cy]
    bits[i] = dx * dx + dy * dy <= radius * radius ? 1 : 0
  }
  return { width, height, bits }
}

function joinMasks(a: Mask, b: Mask): Mask {
  return { ...a, bits: a.bits.map((bit, i) => bit | (b.bits[i] ?? 0)) }
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import importer from '../../../src/datasets/apricot/importer'
import type { JsonValue } from '../../../src/shared/dataset'
import { AppError } from '../../../src/shared/errors'
import { memoryFiles } from '../../support/memory-files'
import { fuzzing, mutatedBytes, mutatedJson } from '../../support/mutations'
import { miniature, miniatureFiles } from '../fixture-files'
import { hostileCases } from '../hostile-cases'
import { importAll } from '../import-all'

interface Expected {
  readonly images: number
  readonly dev: number
  readonly test: number
  readonly patch_annotations: number
  readonly v1_0_images_present: number
  readonly per_image: Readonly<
    Record<
      string,
      {
        readonly split: string
        readonly patch_name: string
        readonly target_category_id: number
        readonly objects: number
      }
    >
  >
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const expected = JSON.parse(text(miniature('apricot-mask/expected.json'))) as Expected

async function summary(folder: string) {
  const files = miniatureFiles(folder)
  const read = await importAll(importer, files)
  const perImage = Object.fromEntries<object>(
    read.images.map((image) => {
      const own = ({ imageId }: { imageId: string }) => imageId === image.sourceId
      const [patch] = read.patches.filter(own)
      return [
        image.file.split('/').at(-1) ?? '',
        {
          split: image.split,
          patch_name: patch?.patch.name,
          target_category_id: patch?.patch.attributes['target_category_id'],
          objects: read.objects.filter(own).length,
        },
      ]
    }),
  )
  const present = (await Promise.all(read.images.map(({ file }) => files.has(file)))).filter(
    Boolean,
  )
  return { ...read, perImage, present: present.length }
}

const perImage = Object.fromEntries(
  Object.entries(expected.per_image).map(
    ([name, { split, patch_name, target_category_id, objects }]) => [
      name,
      { split, patch_name, target_category_id, objects },
    ],
  ),
)

describe('the miniature', () => {
  test.each([
    ['apricot-mask/v1.1/APRICOT', expected.images],
    ['apricot-mask/v1.1', expected.images],
    ['apricot-mask', expected.images],
    ['apricot-mask/v1.0/APRICOTv1.0', expected.v1_0_images_present],
    ['apricot-mask/v1.0', expected.v1_0_images_present],
  ])('%s: all records, %i photographs', async (folder, photographs) => {
    const read = await summary(folder)
    expect(read.perImage).toEqual(perImage)
    expect(read.images).toHaveLength(expected.images)
    expect(read.images.filter(({ split }) => split === 'dev')).toHaveLength(expected.dev)
    expect(read.images.filter(({ split }) => split === 'test')).toHaveLength(expected.test)
    expect(read.patches).toHaveLength(expected.patch_annotations)
    expect(read.present).toBe(photographs)
    expect(read.problems).toEqual([])
  })

  test('patches are no class, and there is no twelfth one', async () => {
    const { categories, objects, patches } = await summary('apricot-mask/v1.1')
    expect(categories).toHaveLength(80)
    expect(
      categories.some(({ sourceId, name }) => sourceId === '12' || name.includes('patch')),
    ).toBe(false)
    expect(objects.every(({ object }) => object.categoryId !== '12')).toBe(true)
    expect(patches[0]?.patch).toEqual({
      sourceId: '2',
      box: [12, 28, 17, 17],
      name: 'frs2',
      target: 'backpack',
      attributes: {
        patch_id: 11,
        target_category_id: 27,
        model: 'frcnn',
        classifier: 'resnet50',
        is_circle: false,
        is_square: true,
        angle: [0, 0, 1],
        is_warped: false,
      },
    })
  })

  test('without the file of everything, objects and patches are put together', async () => {
    const whole = await summary('apricot-mask/v1.1/APRICOT')
    const files = miniatureFiles('apricot-mask/v1.1/APRICOT')
    const names: string[] = []
    for await (const name of files.list()) if (!name.includes('_all_')) names.push(name)
    const some = memoryFiles(
      Object.fromEntries(
        await Promise.all(names.map(async (n) => [n, await files.read(n)] as const)),
      ),
    )
    const parts = await importAll(importer, some)
    const byId = (records: typeof parts.objects) =>
      records.map(({ object }) => object).sort((a, b) => Number(a.sourceId) - Number(b.sourceId))
    expect(byId(parts.objects)).toEqual(byId(whole.objects))
    expect(parts.patches).toEqual(whole.patches)
    expect(parts.problems).toEqual([])
  })

  test('one split may be left out', async () => {
    const { images } = await importAll(importer, miniatureFiles('apricot-mask'), { split: 'dev' })
    expect(images).toHaveLength(expected.dev)
  })

  test('is recognised from any of its parents, and other folders are not', async () => {
    for (const folder of ['apricot-mask', 'apricot-mask/v1.0/APRICOTv1.0/Annotations']) {
      expect((await importer.recognizes(miniatureFiles(folder))).certainty).toBeGreaterThan(0.9)
    }
    for (const folder of ['d3s', 'om-imagenet', 'hostile']) {
      expect((await importer.recognizes(miniatureFiles(folder))).certainty).toBe(0)
    }
    await expect(importAll(importer, miniatureFiles('d3s'))).rejects.toMatchObject({
      code: 'E_NO_ANNOTATIONS',
    })
  })
})

const apricotCases = hostileCases('coco').filter(({ path }) => path.startsWith('coco/apricot-'))
test.each(apricotCases)('$path: $what', async ({ path, decision, code }) => {
  const name = path.split('/').at(-1) ?? path
  const files = memoryFiles({ [name]: miniature(`hostile/${path}`) }, { entry: name })
  expect((await importer.recognizes(files)).certainty).toBeGreaterThan(0.9)
  const { problems, patches } = await importAll(importer, files)
  expect(problems.map((p) => [p.decision, p.code, p.file])).toEqual([[decision, code, name]])
  expect(patches).toHaveLength(1)
  const [patch] = patches
  if (path.includes('target-zero')) expect(patch?.patch.attributes['target_category_id']).toBe(1)
  if (path.includes('target-zero')) expect(patch?.patch.target).toBe('a')
  if (path.includes('unknown-patch')) expect(patch?.patch.name).toBeNull()
  if (path.includes('angle')) expect(patch?.patch.attributes).not.toHaveProperty('angle')
  expect(patch?.patch.box).toEqual([4, 4, 17, 17])
})

test('all three of these cases are there', () => {
  expect(apricotCases).toHaveLength(3)
})

describe('records that cannot be used', () => {
  const base = {
    images: [{ id: 1, file_name: 'a.jpg', width: 48, height: 32 }],
    categories: [{ id: 1, name: 'person' }],
    patches: [{ id: 0, name: 'frc8', adv_target: 1 }],
    annotations: [{ id: 1, image_id: 1, category_id: 12, bbox: [1, 1, 5, 5], patch_id: 0 }],
  }
  const first = { ...base.annotations[0] }
  const read = (changes: Record<string, JsonValue>, name = 'apricot_dev_all_annotations.json') =>
    importAll(importer, memoryFiles({ [name]: JSON.stringify({ ...base, ...changes }) }))
  const one = (changes: Record<string, JsonValue>) => [{ ...first, ...changes }]

  test.each<[string, string, JsonValue[], number]>([
    ['E_ANN_IMAGE_UNKNOWN', 'skip-record', one({ image_id: 9 }), 0],
    ['E_ANN_CATEGORY_UNKNOWN', 'skip-record', one({ category_id: 7 }), 0],
    ['E_BBOX_MALFORMED', 'skip-record', one({ bbox: [1, 2, 3] }), 0],
    ['E_BBOX_MALFORMED', 'skip-record', one({ bbox: ['1', 2, 3, 4] }), 0],
    ['E_BBOX_NEGATIVE_SIZE', 'skip-record', one({ bbox: [1, 2, -3, 4] }), 0],
    ['W_BBOX_EMPTY', 'accept-with-warning', one({ bbox: [1, 2, 0, 4] }), 1],
    ['W_BBOX_OUTSIDE_IMAGE', 'accept-with-warning', one({ bbox: [40, 2, 20, 4] }), 1],
    ['W_ANN_ID_ZERO', 'accept-with-warning', one({ id: 0 }), 1],
    ['W_DUPLICATE_ANN_ID', 'accept-with-warning', [first, { ...first, bbox: [2, 2, 3, 3] }], 2],
    ['W_PATCH_UNKNOWN', 'accept-with-warning', one({ patch_id: null }), 1],
    ['E_RLE_LENGTH', 'skip-record', one({ segmentation: { size: [32, 48], counts: [1] } }), 0],
    [
      'E_RLE_SIZE_MISMATCH',
      'skip-record',
      one({ segmentation: { size: [48, 32], counts: [1536] } }),
      0,
    ],
    ['E_RLE_MALFORMED', 'skip-record', one({ segmentation: { size: [32, 48], counts: {} } }), 0],
  ])('%s: %s', async (code, decision, annotations, patches) => {
    const result = await read({ annotations })
    expect(result.problems.map((p) => [p.code, p.decision])).toEqual([[code, decision]])
    expect(result.patches).toHaveLength(patches)
  })

  test('numbers that are not finite are told with their record', async () => {
    const json = JSON.stringify(base).replace('[1,1,5,5]', '[1,NaN,5,5]')
    const files = memoryFiles({ 'apricot_dev_all_annotations.json': json })
    const { problems } = await importAll(importer, files)
    expect(problems).toMatchObject([{ code: 'E_BBOX_NOT_FINITE', record: 0 }])
  })

  test.each([
    ['../../b.jpg', 'E_PATH_ESCAPES_ROOT'],
    ['https://example.invalid/a.jpg', 'E_PATH_IS_URL'],
    [7, 'E_PATH_INVALID'],
  ])('file_name %s: %s', async (file_name, code) => {
    const images = [
      { id: 1, file_name: file_name === '../../b.jpg' ? '../../../b.jpg' : file_name },
    ]
    const { problems, images: kept } = await read({ images })
    expect(problems[0]).toMatchObject({ code, decision: 'skip-record', record: 0 })
    expect(kept).toEqual([])
  })

  test.each([
    ['E_DUPLICATE_IMAGE_ID', { images: [base.images[0] ?? {}, base.images[0] ?? {}] }],
    [
      'E_DUPLICATE_CATEGORY_ID',
      {
        categories: [
          { id: 1, name: 'a' },
          { id: 1, name: 'b' },
        ],
      },
    ],
    ['E_COCO_NO_IMAGES', { images: null }],
  ])('%s refuses the import', async (code, changes) => {
    await expect(read(changes)).rejects.toMatchObject({ code })
  })

  test('a photograph of another split is not taken for this one', async () => {
    const files = memoryFiles({
      'Annotations/apricot_dev_all_annotations.json': JSON.stringify(base),
      'Images/test/a.jpg': 'x',
    })
    expect((await importAll(importer, files)).images[0]?.file).toBe('Images/dev/a.jpg')
    const lower = memoryFiles({
      'Annotations/apricot_dev_all_annotations.json': JSON.stringify(base),
      'images/dev/A.JPG': 'x',
    })
    expect((await importAll(importer, lower)).images[0]?.file).toBe('images/dev/A.JPG')
  })

  test('a COCO file with patches but without their targets is not APRICOT', async () => {
    const name = 'export.json'
    const json = JSON.stringify({ ...base, patches: undefined })
    const files = memoryFiles({ [name]: json }, { entry: name })
    expect((await importer.recognizes(files)).certainty).toBe(0)
  })

  test('the patch category is known by its name too', async () => {
    const categories = [...base.categories, { id: 3, name: 'adversarial patch' }]
    const result = await read({ categories, annotations: one({ category_id: 3 }) })
    expect([result.patches.length, result.objects.length, result.categories.length]).toEqual([
      1, 0, 1,
    ])
  })

  test('targets are lowered only if all of them look so', async () => {
    const patches = [
      { id: 0, name: 'frc1', adv_target: 52 },
      { id: 1, name: 'frc2', adv_target: 26 },
    ]
    const lowered = await read({ patches })
    expect(lowered.problems.map((p) => p.code)).toEqual(['W_TARGET_ZERO_BASED'])
    expect(lowered.patches[0]?.patch.target).toBe('apple')
    const mixed = await read({ patches: [...patches, { id: 2, name: 'x', adv_target: 99 }] })
    expect(mixed.problems).toEqual([])
    expect(mixed.patches[0]?.patch.attributes['target_category_id']).toBe(52)
  })
})

test('fuzz: damaged annotations give problems or an AppError, nothing else', async () => {
  const name = 'apricot_dev_all_annotations.json'
  const source = miniature(`apricot-mask/v1.1/APRICOT/Annotations/${name}`)
  const document = JSON.parse(text(source)) as JsonValue
  const inputs = fc.oneof(
    mutatedBytes(source),
    mutatedJson(document).map((value) => new TextEncoder().encode(JSON.stringify(value))),
  )
  await fc.assert(
    fc.asyncProperty(inputs, async (bytes) => {
      try {
        const { problems } = await importAll(importer, memoryFiles({ [name]: bytes }))
        for (const { code, file } of problems) expect([code.slice(0, 2), file]).toContain(name)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
      }
    }),
    fuzzing,
  )
})

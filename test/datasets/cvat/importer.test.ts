import { expect, test } from 'vitest'
import importer from '../../../src/datasets/cvat/importer'
import { decodeRle } from '../../../src/shared/vision/rle'
import { rleToText } from '../../../src/shared/vision/rle-text'
import { memoryFiles } from '../../support/memory-files'
import { canonicalMask, expectScene, fixtureFiles } from '../canonical-scene'
import { bitmap } from '../hostile-cases'
import { readAll } from '../read-all'

const document = (content: string) => `<annotations><version>1.1</version>${content}</annotations>`
const image = (shapes: string, more = '') =>
  `<image id="0" name="a.png" width="20" height="10" ${more}>${shapes}</image>`
const readXml = (text: string) => readAll(importer, memoryFiles({ 'annotations.xml': text }), {})
const readShapes = async (shapes: string) => {
  const read = await readXml(document(image(shapes)))
  return { ...read, objects: read.images[0]?.objects ?? [] }
}

test('the scene, in pieces of any size', async () => {
  for (const pieceBytes of [7, 100_000]) {
    const files = memoryFiles({ ...fixtureFiles('cvat') }, { pieceBytes })
    const read = await readAll(importer, files, {})
    expectScene(read, 'cvat')
    expect(read.problems).toEqual([])
    const [a, b] = read.images
    const masks = [a?.objects[2], b?.objects[0]].map((object) => object?.shape?.mask)
    expect(masks.map((found) => found && rleToText(found))).toEqual(
      [3, 4].map((id) => rleToText(canonicalMask(id))),
    )
    expect(a?.objects.map(({ area }) => area)).toEqual([1200, 1050, 1000])
    expect((await importer.recognizes(files)).certainty).toBe(0.9)
  }
})

test('pictures below images/, with or without subset, and sub-folders in names', async () => {
  const named = (name: string, subset = '') =>
    `<image name="${name}" width="1" height="1"${subset === '' ? '' : ` subset="${subset}"`}/>`
  const files = memoryFiles({
    'job/annotations.xml': document(
      named('sub/a.png') +
        named('b.png', 'train') +
        named('c.png', 'default') +
        named('d.png', '../x'),
    ),
    'job/images/sub/a.png': bitmap(1, 1),
    'job/images/train/b.png': bitmap(1, 1),
  })
  const { images } = await readAll(importer, files, {})
  expect(images.map(({ file, split }) => [file, split])).toEqual([
    ['job/images/sub/a.png', null],
    ['job/images/train/b.png', 'train'],
    ['job/c.png', null],
    ['job/d.png', '../x'],
  ])
})

test('turned boxes and ellipses become polygons with their tight boxes', async () => {
  const { objects } = await readShapes(
    '<box label="a" xtl="4" ytl="2" xbr="10" ybr="4" rotation="90"/>' +
      '<box label="a" xtl="4" ytl="2" xbr="10" ybr="4" rotation="30"/>' +
      '<ellipse label="a" cx="10" cy="5" rx="4" ry="2"/>' +
      '<ellipse label="a" cx="10" cy="5" rx="4" ry="2" rotation="45"/>',
  )
  expect(objects[0]).toMatchObject({
    box: [6, 0, 2, 6],
    shape: { polygons: [[8, 0, 8, 6, 6, 6, 6, 0]] },
    area: 12,
  })
  const width = 6 * Math.cos(Math.PI / 6) + 2 * Math.sin(Math.PI / 6)
  expect(objects[1]?.box[0]).toBeCloseTo(7 - width / 2, 9)
  expect(objects[1]?.box[2]).toBeCloseTo(width, 9)
  expect(objects[2]?.box).toEqual([6, 3, 8, 4])
  expect(objects[3]?.box[2]).toBeCloseTo(2 * Math.sqrt(10), 9)
  expect(objects[3]?.shape?.polygons?.[0]).toHaveLength(144)
})

test('masks are read row by row inside their box', async () => {
  const { objects } = await readShapes(
    '<mask label="a" rle="1, 3,2" left="17" top="8" width="3" height="2"/>',
  )
  const mask = objects[0]?.shape?.mask
  const bits = mask ? decodeRle(mask).bits : new Uint8Array()
  expect([...bits.subarray(160)].map(String).join('')).toBe(
    `${'0'.repeat(17)}011${'0'.repeat(17)}100`,
  )
  expect(objects[0]).toMatchObject({ box: [17, 8, 3, 2], area: 3 })
})

test('shapes that cannot be objects are left out one by one, with their lines', async () => {
  const { verdicts, problems, objects } = await readShapes(
    [
      '',
      '<box label="a" xtl="4" ytl="2" xbr="3" ybr="4"/>',
      '<box label="a" xtl="4" ytl="2" xbr="x" ybr="4"/>',
      '<box label="a" xtl="nan" ytl="2" xbr="9" ybr="4"/>',
      '<box label="a" xtl="1e300" ytl="2" xbr="9" ybr="4"/>',
      '<box xtl="1" ytl="2" xbr="9" ybr="4"/>',
      '<polygon label="a" points="1,1;2,2"/>',
      '<polygon label="a" points="1,1;2,2;3"/>',
      '<polyline label="a" points="1,1;2,2;3,3"/>',
      '<mask label="a" rle="5" left="18" top="1" width="5" height="1"/>',
      '<mask label="a" rle="5" left="1" top="1" width="2" height="2"/>',
      '<mask label="a" rle="3" left="1" top="1" width="2" height="2"/>',
      '<mask label="a" rle="-1,5" left="1" top="1" width="2" height="2"/>',
      '<ellipse label="a" cx="1" cy="1" rx="-1" ry="1"/>',
      '<box label="a" xtl="1" ytl="2" xbr="1" ybr="4"/>',
      '<box label="a" xtl="1" ytl="2" xbr="20.01" ybr="4"/>',
      '<box label="a" xtl="1" ytl="2" xbr="20.02" ybr="4"/>',
    ].join('\n'),
  )
  expect(verdicts).toEqual([
    'skip-record E_BBOX_NEGATIVE_SIZE',
    'skip-record E_BBOX_MALFORMED',
    'skip-record E_BBOX_NOT_FINITE',
    'skip-record E_BBOX_MALFORMED',
    'skip-record E_ANN_CATEGORY_UNKNOWN',
    'skip-record E_POLYGON_MALFORMED',
    'skip-record E_POLYGON_MALFORMED',
    'skip-record E_BBOX_MALFORMED',
    'skip-record E_MASK_SIZE_MISMATCH',
    'skip-record E_RLE_LENGTH',
    'skip-record E_RLE_LENGTH',
    'skip-record E_RLE_MALFORMED',
    'skip-record E_BBOX_NEGATIVE_SIZE',
    'accept-with-warning W_BBOX_EMPTY',
    'accept-with-warning W_BBOX_OUTSIDE_IMAGE',
  ])
  expect(problems.map(({ line }) => line)).toEqual([
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17,
  ])
  expect(objects).toHaveLength(3)
})

test('a list of labels is the whole truth; without one, labels are those that occur', async () => {
  const meta =
    '<meta><job><labels><label><name>b</name></label><label><name>a</name></label></labels></job></meta>'
  const shapes =
    '<box label="a" xtl="1" ytl="1" xbr="2" ybr="2"/><box label="c" xtl="1" ytl="1" xbr="2" ybr="2"/>'
  const listed = await readXml(document(meta + image(shapes)))
  expect(listed.categories.map(({ name }) => name)).toEqual(['b', 'a'])
  expect(listed.verdicts).toEqual(['skip-record E_ANN_CATEGORY_UNKNOWN'])
  const unlisted = await readXml(document(image(shapes)))
  expect(unlisted.categories.map(({ name }) => name)).toEqual(['a', 'c'])
})

test('attributes, flags and the class of a picture are kept', async () => {
  const { images } = await readXml(
    document(
      image(
        '<tag label="street"/><box label="a" xtl="1" ytl="1" xbr="2" ybr="2" occluded="1" z_order="2" group_id="5">' +
          '<attribute name="colour">red &amp; blue</attribute><attribute name="__proto__">x</attribute></box>',
      ),
    ),
  )
  expect(images[0]?.label).toEqual({ index: null, name: 'street' })
  expect(images[0]?.objects[0]?.attributes).toEqual({
    occluded: true,
    z_order: 2,
    group_id: 5,
    colour: 'red & blue',
  })
})

test('the form for videos is refused with advice', async () => {
  const reading = readXml(document('<track id="0" label="a"><box frame="0"/></track>'))
  await expect(reading).rejects.toMatchObject({
    code: 'E_FORMAT_UNSUPPORTED',
    hint: expect.stringContaining('CVAT for images 1.1') as string,
  })
})

test('a name that leaves the root leaves out its image; one described twice is told', async () => {
  const named = (name: string) => `<image name="${name}" width="1" height="1"/>`
  const { verdicts, images } = await readXml(
    document(named('../../x.jpg') + named('a.jpg') + named('./a.jpg') + named('')),
  )
  expect(verdicts).toEqual([
    'skip-record E_PATH_ESCAPES_ROOT',
    'accept-with-warning W_DUPLICATE_FILE_NAME',
    'skip-record E_PATH_INVALID',
  ])
  expect(images).toHaveLength(2)
})

test('half a document does not pass for the whole; other documents are left out', async () => {
  const cut = document(image('')).slice(0, -8)
  await expect(readXml(cut)).rejects.toMatchObject({ code: 'E_XML_SYNTAX' })
  await expect(readXml(`<!DOCTYPE a>${document('')}`)).rejects.toMatchObject({
    code: 'E_XML_DOCTYPE',
  })
  expect((await readXml('<annotation/>')).verdicts).toEqual(['skip-file W_UNKNOWN_FIELD'])
  expect((await readXml('no xml')).verdicts).toEqual(['skip-file E_XML_SYNTAX'])
  const others = memoryFiles({ 'a.xml': '<annotation><folder/></annotation>', 'b.xml': '' })
  expect((await importer.recognizes(others)).certainty).toBe(0)
})

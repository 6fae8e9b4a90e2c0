import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { problemCodes } from '../../../src/shared/dataset'

const root = join(import.meta.dirname, '../../..')
const sources = [
  'src/datasets/**/*.ts',
  'src/shared/{dataset,vision}/*.ts',
  'src/shared/image-errors.ts',
  'src/engine/{import,export,images,files}/*.ts',
]

/** Codes that stand in the program as texts of their own. */
const written = new Set<string>()
for (const file of globSync(sources, { cwd: root })) {
  if (file.endsWith('problem-codes.ts')) continue
  const text = readFileSync(join(root, file), 'utf8')
  for (const [, code = ''] of text.matchAll(/['"]([EW]_[A-Z0-9]+(?:_[A-Z0-9]+)*)['"]/g))
    written.add(code)
}

/** What the import contract asks for. */
const promised = `
  E_FILE_EMPTY E_FILE_UNREADABLE E_FILE_NOT_REGULAR E_LINK E_PATH_ESCAPES_ROOT E_PATH_INVALID
  E_PATH_IS_URL E_ENCODING E_IMAGE_TRUNCATED E_IMAGE_CORRUPT E_IMAGE_UNKNOWN_FORMAT
  E_IMAGE_UNSUPPORTED E_IMAGE_TOO_LARGE E_MASK_SIZE_MISMATCH E_JSON_SYNTAX E_JSON_TRUNCATED
  E_JSON_TOO_DEEP E_JSON_DUPLICATE_KEY E_COCO_NO_IMAGES E_DUPLICATE_IMAGE_ID
  E_DUPLICATE_CATEGORY_ID E_ANN_IMAGE_UNKNOWN E_ANN_CATEGORY_UNKNOWN E_ID_OUT_OF_RANGE
  E_BBOX_NOT_FINITE E_BBOX_MALFORMED E_BBOX_NEGATIVE_SIZE E_RLE_LENGTH E_RLE_MALFORMED
  E_RLE_SIZE_MISMATCH E_POLYGON_MALFORMED E_LABEL_COLUMNS E_LABEL_NUMBER E_LABEL_NOT_NORMALISED
  E_XML_DOCTYPE E_XML_SYNTAX E_CSV_SYNTAX E_ARCHIVE_PATH E_ARCHIVE_LINK E_ARCHIVE_RATIO
  E_ARCHIVE_DUPLICATE E_ARCHIVE_CORRUPT E_HDF5_CORRUPT E_HDF5_NO_IMAGES E_TENSOR_SHAPE
  E_TENSOR_COUNT E_TENSOR_NOT_FINITE E_CLASS_FROM_NAME E_PICKLE_FORBIDDEN E_PICKLE_MALFORMED
  W_EXTENSION_MISMATCH W_TRAILING_DATA W_COLOUR_CONVERTED W_BIT_DEPTH_REDUCED W_ALPHA_DROPPED
  W_EXIF_ORIENTATION W_EXIF_INVALID W_ANIMATION_FIRST_FRAME W_EXTREME_ASPECT W_IMAGE_FILE_MISSING
  W_IMAGE_SIZE_MISMATCH W_FILE_CHANGED W_NAME_NOT_UTF8 W_NAME_UNUSUAL W_NAME_COLLISION
  W_NAME_RESERVED W_MASK_VALUES W_MASK_LOSSY W_MASK_COVERS_MOST W_MASK_EMPTY W_MASK_MULTI_VALUE
  W_MASK_OUTSIDE_BOX W_DUPLICATE_ANN_ID W_DUPLICATE_CATEGORY_NAME W_DUPLICATE_FILE_NAME
  W_ANN_ID_ZERO W_ID_NOT_INTEGER W_BBOX_EMPTY W_BBOX_OUTSIDE_IMAGE W_BBOX_LOOKS_XYXY
  W_UNKNOWN_FIELD W_FIELD_TYPE W_JSON_DUPLICATE_KEY W_IS_RESULTS_FILE W_PATCH_UNKNOWN
  W_TARGET_ZERO_BASED W_UNKNOWN_BACKGROUND W_CLASS_NOT_INTEGER W_LABEL_HAS_SCORE W_VOC_FRACTIONAL
  W_VOC_ZERO_BASED W_CSV_FORMULA W_LATENT_SHAPE W_TENSOR_DTYPE W_TENSOR_RANGE
`

test('every code that an import or export can give is in the table, and nothing else is', () => {
  expect([...written].filter((code) => !problemCodes.has(code))).toEqual([])
  expect([...problemCodes.keys()].filter((code) => !written.has(code))).toEqual([])
  for (const meaning of problemCodes.values()) expect(meaning).toMatch(/^[A-Z0-9][^.]{10,}\.$/)
})

test('every promised code can be given', () => {
  const codes = promised.trim().split(/\s+/)
  expect(codes.length).toBeGreaterThan(90)
  expect(codes.filter((code) => !written.has(code))).toEqual([])
})

test('the manual has each code once, with the sentence of the table', () => {
  const manual = readFileSync(join(root, 'docs/import.md'), 'utf8')
  const rows = [...manual.matchAll(/^\| ([EW]_[A-Z0-9_]+) +\| (.+?) +\|$/gm)]
  expect(rows.map(([, code, meaning]) => [code, meaning])).toEqual([...problemCodes])
})

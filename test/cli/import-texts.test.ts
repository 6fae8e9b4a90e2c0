import { expect, test } from 'vitest'
import { foundLines } from '../../src/cli/import-texts'
import type { ImportPreview } from '../../src/engine/import/preview'

const found: ImportPreview = {
  complete: true,
  images: 12_178,
  objects: 3,
  patches: 1,
  categories: ['cat'],
  splits: new Map(),
  problemCount: 0,
  problems: [],
  refusal: null,
}

test('a look that saw everything says what there is', () => {
  expect(foundLines(found)).toEqual(['found: 12,178 images, 3 objects, 1 patch, 1 class (cat)'])
  expect(foundLines({ ...found, objects: 0 })).toEqual([
    'found: 12,178 images, 0 objects, 1 patch, 1 class (cat)',
  ])
})

test('a look that was cut off says "at least", and nothing of objects that it did not come to', () => {
  const [all = ''] = foundLines({ ...found, complete: false })
  expect(all).toContain('at least 12,178 images, at least 3 objects, at least 1 patch')
  expect(all).toContain('the import reads all of it')
  const [some = ''] = foundLines({ ...found, complete: false, objects: 0 })
  expect(some).not.toContain('object')
})

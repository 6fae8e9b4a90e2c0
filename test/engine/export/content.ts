import type {
  ContentImage,
  ContentObject,
  DatasetContent,
} from '../../../src/shared/dataset/content'

const object = (
  id: number,
  categoryId: number,
  more: Partial<ContentObject> = {},
): ContentObject => ({
  id,
  categoryId,
  box: [4, 4, 17, 17],
  area: 289,
  isCrowd: false,
  isPatch: false,
  attributes: {},
  ...more,
})

/** Images of 48x32 pixels under these names, one object each. */
export function contentOf(...files: readonly string[]): DatasetContent {
  const images = files.map((file, i): ContentImage => ({
    id: i + 1,
    file,
    width: 48,
    height: 32,
    split: null,
    attributes: {},
    objects: [object(i + 1, 1)],
  }))
  return { name: 'set', categories: [{ id: 1, name: 'cat' }], images: () => images }
}

import { memoryFiles } from '../../support/memory-files'
import importer from '../../../src/datasets/coco/importer'
import { readAll } from '../read-all'

export const image = { id: 1, file_name: 'a.jpg', width: 48, height: 32 }
export const category = { id: 1, name: 'cat' }
export const annotation = { id: 1, image_id: 1, category_id: 1, bbox: [4, 4, 10, 10] }

/** A small document with some of its members replaced. */
export const documentWith = (members: object): string =>
  JSON.stringify({ images: [image], categories: [category], annotations: [annotation], ...members })

/** What becomes of one annotation with these fields. */
export const readAnnotation = (fields: object) =>
  readDocument(documentWith({ annotations: [{ ...annotation, ...fields }] }))

export const readDocument = (text: string | Uint8Array, pictures: readonly string[] = ['a.jpg']) =>
  readAll(
    importer,
    memoryFiles(
      { 'a.json': text, ...Object.fromEntries(pictures.map((name) => [name, 'picture'])) },
      { entry: 'a.json' },
    ),
    {},
  )

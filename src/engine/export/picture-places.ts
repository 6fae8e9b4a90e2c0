import type { ContentImage, DatasetContent } from '../../shared/dataset/content'
import { exportedImages } from '../../datasets/yolo/exported-images'

type Place = (image: ContentImage) => string

/** In which folder the readers of a format look for pictures. */
const folders: Readonly<Record<string, (image: ContentImage) => string>> = {
  // Masks have the names of their photographs, so those have a folder of their own.
  'apricot-mask': ({ split }) => (split === null ? 'Images/' : `Images/${split}/`),
  coco: () => 'images/',
  cvat: () => 'images/',
  datumaro: ({ split }) => `images/${split ?? 'default'}/`,
  fiftyone: () => 'data/',
  voc: () => 'JPEGImages/',
}

/** Where the pictures of an export lie, relative to its folder, so that the format's readers find them. */
export function picturePlaces(format: string, content: DatasetContent): Place {
  if (format === 'yolo') {
    const places = new Map<number, string>()
    for (const { image, picture } of exportedImages(content)) places.set(image.id, picture)
    return ({ id, file }) => places.get(id) ?? file
  }
  const folder = folders[format]
  return folder === undefined ? ({ file }) => file : (image) => folder(image) + image.file
}

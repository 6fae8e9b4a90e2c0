import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'

export const noCocoImages = (file: string, why: string) =>
  new AppError(
    'E_COCO_NO_IMAGES',
    `${showPath(file)} holds no COCO annotations: ${why}.`,
    'Give a JSON file with the lists images, annotations and categories, or the folder that it is in.',
  )

export const duplicateImageId = (file: string, id: string) =>
  new AppError(
    'E_DUPLICATE_IMAGE_ID',
    `${showPath(file)}: two images have the id ${id}, so annotations cannot be assigned.`,
    'Give each image an id of its own and set image_id of its annotations to it.',
  )

export const duplicateCategoryId = (file: string, id: string, first: string, second: string) =>
  new AppError(
    'E_DUPLICATE_CATEGORY_ID',
    `${showPath(file)}: the category id ${id} stands for both "${first}" and "${second}".`,
    'Give each category an id of its own and set category_id of its annotations to it.',
  )

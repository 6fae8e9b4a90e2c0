import type { DatasetContent, Loss } from '../../shared/dataset'
import { isListable } from '../reading/labels-list'
import * as losses from '../writing/losses'
import { categoryLosses, countLosses, lostOfImages, lostOfObjects } from '../writing/losses'
import { nameLosses } from '../writing/name-losses'
import * as shapes from '../writing/shape-losses'
import { holdsAttributes, isFilled } from './attributes'

export function labelmeLosses(content: DatasetContent): readonly Loss[] {
  return [
    ...countLosses(content, [
      losses.crowdFlags,
      losses.scores,
      shapes.severalPolygons,
      shapes.maskBesidePolygon,
      shapes.emptyMasks,
      shapes.boxesBesideShapes,
      losses.areas,
      lostOfObjects(
        'attributes',
        'Attributes other than group_id, description and flags are left out.',
        ({ attributes }) => !holdsAttributes(attributes),
      ),
      lostOfImages(
        'image-attributes',
        'Attributes of images other than flags are left out.',
        ({ attributes }) =>
          !Object.entries(attributes).every(([key, value]) => key === 'flags' && isFilled(value)),
      ),
      losses.imageLabels,
      losses.pixelReferences,
      losses.splits,
    ]),
    ...nameLosses(content, isListable),
    ...categoryLosses(
      content,
      'supercategories',
      'Supercategories are left out.',
      (category) => category.supercategory !== undefined,
    ),
  ]
}

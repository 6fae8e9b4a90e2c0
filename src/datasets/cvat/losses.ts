import type { Attributes, DatasetContent, Loss } from '../../shared/dataset'
import { fitsXml } from '../reading/xml-write'
import * as losses from '../writing/losses'
import { categoryLosses, countLosses, lostOfImages, lostOfObjects } from '../writing/losses'
import { nameLosses } from '../writing/name-losses'
import { writtenShape } from '../writing/object-shapes'
import * as shapes from '../writing/shape-losses'
import { rounded } from './rounding'

export function cvatLosses(content: DatasetContent): readonly Loss[] {
  return [
    ...countLosses(content, [
      losses.crowdFlags,
      losses.scores,
      decimals,
      shapes.severalPolygons,
      shapes.maskBesidePolygon,
      shapes.emptyMasks,
      shapes.boxesBesideShapes,
      losses.areas,
      lostOfObjects(
        'attributes',
        'Attributes other than occluded, z_order and group_id are left out.',
        ({ attributes }) => !holdsAttributes(attributes),
      ),
      losses.imageAttributes,
      lostOfImages(
        'image-label-index',
        'Of classes of whole images only the names are kept.',
        ({ label }) => label !== undefined && label.index !== null,
      ),
      losses.pixelReferences,
      lostOfImages(
        'splits',
        'A split that is called default, or has no name, is left out: that is what no split is called.',
        ({ split }) => split === 'default' || split === '',
      ),
    ]),
    ...nameLosses(content, (name) => fitsXml(name) && name === name.trim() && name !== ''),
    ...categoryLosses(
      content,
      'supercategories',
      'Supercategories are left out.',
      (category) => category.supercategory !== undefined,
    ),
  ]
}

const decimals = lostOfObjects(
  'decimals',
  'Coordinates are rounded to two decimals.',
  (object, image) => {
    const written = writtenShape(object, image)
    if (written.kind === 'mask') return false
    const [x, y, width, height] = written.box
    const values = written.kind === 'polygon' ? written.points : [x, y, x + width, y + height]
    return values.some((value) => Math.abs(value - rounded(value)) > 1e-9 * (1 + Math.abs(value)))
  },
)

function holdsAttributes(attributes: Attributes): boolean {
  return Object.entries(attributes).every(([key, value]) => {
    if (key === 'occluded') return value === true
    const isNumber = Number.isSafeInteger(value) && value !== 0
    return (key === 'z_order' || key === 'group_id') && isNumber
  })
}

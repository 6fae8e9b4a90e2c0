import { lostOfObjects } from './losses'
import { onlyPolygon, sameBox, writtenShape } from './object-shapes'

// Losses of formats that write objects as `writtenShape` has them.

export const severalPolygons = lostOfObjects(
  'polygons-become-mask',
  'Objects drawn as several polygons become masks.',
  ({ shape }) => (shape?.polygons?.length ?? 0) > 1,
)

export const maskBesidePolygon = lostOfObjects(
  'mask-beside-polygon',
  'Masks are left out where a polygon is kept.',
  (object) => onlyPolygon(object) !== null && object.shape?.mask !== undefined,
)

export const emptyMasks = lostOfObjects(
  'empty-mask',
  'Masks in which nothing is set become bare boxes.',
  (object, image) => object.shape?.mask !== undefined && writtenShape(object, image).kind === 'box',
)

export const boxesBesideShapes = lostOfObjects(
  'box-beside-shape',
  'Boxes that do not fit their polygon or mask are measured again from it.',
  (object, image) => !sameBox(object.box, writtenShape(object, image).box),
)

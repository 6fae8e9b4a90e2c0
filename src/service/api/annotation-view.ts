import { z } from 'zod'
import type { ApiObject, ApiPatch, Input } from '../../shared/api'
import { drawnAs as drawnAsSchema } from '../../shared/api/annotation-values'
import type { Attributes, Shape } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { rleFromText, rleToText } from '../../shared/vision'
import type { ProjectObject, ProjectPatch } from '../../store'
import type { Context } from '../context'

type GivenShape = NonNullable<Input<'patches.draw'>['shape']>
type DrawnAs = z.infer<typeof drawnAsSchema>

/** Among the attributes of a patch: how it was drawn. */
const DRAWN_AS = 'drawn_as'

export function patchOf(patch: ProjectPatch): ApiPatch {
  const { id, memberId, box, shape, name, target, author, segmenter, status } = patch
  const { [DRAWN_AS]: drawn, ...attributes } = patch.attributes
  const drawnAs = drawnAsSchema.safeParse(drawn)
  return {
    ...{ id, name, target, author, segmenter, status },
    imageId: memberId,
    box: [...box],
    shape: shape ? shapeOf(shape) : null,
    drawnAs: drawnAs.success ? drawnAs.data : null,
    attributes: { ...attributes } as ApiPatch['attributes'], // JSON values, of which zod has another type
  }
}

export function objectOf(object: ProjectObject): ApiObject {
  const { id, memberId, box, shape, area, isCrowd } = object
  return {
    ...{ id, area, isCrowd },
    imageId: memberId,
    class: object.class,
    box: [...box],
    shape: shape ? shapeOf(shape) : null,
    attributes: { ...object.attributes } as ApiObject['attributes'], // as above
  }
}

function shapeOf({ polygons, mask }: Shape): NonNullable<ApiPatch['shape']> {
  return {
    ...(polygons ? { polygons: polygons.map((part) => [...part]) } : {}),
    ...(mask ? { mask: { width: mask.width, height: mask.height, text: rleToText(mask) } } : {}),
  }
}

/** What was drawn, as it is stored. @throws AppError E_EDIT_INVALID, E_RLE_…, E_ROW_UNKNOWN */
export function givenPlace(
  { project }: Context,
  imageId: number,
  {
    box,
    shape,
  }: {
    readonly box?: readonly [number, number, number, number] | undefined
    readonly shape?: GivenShape | undefined
  },
): { box?: readonly [number, number, number, number]; shape?: Shape } {
  const { width, height } = project.images.get(imageId)
  const stored = shape && givenShape(shape)
  const mask = stored?.mask
  if (
    mask &&
    width !== null &&
    height !== null &&
    (mask.width !== width || mask.height !== height)
  ) {
    throw invalid(
      `the mask is ${mask.width} x ${mask.height} pixels and the picture ${width} x ${height}`,
    )
  }
  return { ...(box ? { box } : {}), ...(stored ? { shape: stored } : {}) }
}

function givenShape({ polygons, mask }: GivenShape): Shape | undefined {
  const uneven = polygons?.find((part) => part.length % 2 === 1)
  if (uneven) throw invalid(`a polygon has ${uneven.length} numbers, which are no pairs`)
  if (!polygons && !mask) return undefined
  return {
    ...(polygons ? { polygons } : {}),
    ...(mask ? { mask: rleFromText(mask.text, mask) } : {}),
  }
}

/** The attributes of a patch with how it was drawn. */
export function withDrawnAs(attributes: Attributes, drawnAs: DrawnAs | undefined): Attributes {
  if (drawnAs === undefined) return attributes
  return { ...attributes, [DRAWN_AS]: JSON.parse(JSON.stringify(drawnAs)) as Attributes }
}

/** Without how it was drawn: for a patch whose pixels are other ones now. */
export function withoutDrawnAs({ [DRAWN_AS]: _, ...attributes }: Attributes): Attributes {
  return attributes
}

const invalid = (reason: string) =>
  new AppError('E_EDIT_INVALID', `The edit cannot be made: ${reason}.`, 'Nothing was changed.')

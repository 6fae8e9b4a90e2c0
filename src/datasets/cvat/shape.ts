import type { Attributes, BoxXywh, ImportedObject, JsonValue } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { rleArea } from '../../shared/vision/rle'
import type { FrameSize } from '../../shared/vision/rle-text'
import { cropToRle, isInside } from '../reading/mask-crops'
import { numberFromText } from '../reading/number-text'
import { ellipseOutline, isUsableFrame, outlinedObject, turnedBox } from '../reading/outlines'
import { childrenOf, type XmlElement } from '../reading/xml'

type Geometry = Pick<ImportedObject, 'box' | 'shape' | 'area'>

/** Sizes and areas of coordinates up to here are finite. */
const largest = 1e9

/**
 * Reads what a shape covers. `frame` is null where the size of the picture is not stated.
 * @throws AppError that says why this shape cannot be an object: E_BBOX_MALFORMED, E_BBOX_NOT_FINITE, E_BBOX_NEGATIVE_SIZE,
 * E_POLYGON_MALFORMED, E_RLE_MALFORMED, E_RLE_LENGTH, E_MASK_SIZE_MISMATCH
 */
export function readGeometry(element: XmlElement, frame: FrameSize | null): Geometry {
  switch (element.name) {
    case 'box':
      return boxGeometry(element, frame)
    case 'polygon':
      return polygonGeometry(element, frame)
    case 'ellipse':
      return ellipseGeometry(element, frame)
    case 'mask':
      return maskGeometry(element, frame)
    default:
      throw fault('E_BBOX_MALFORMED', `A shape of the kind <${element.name}> is no area`)
  }
}

function boxGeometry(element: XmlElement, frame: FrameSize | null): Geometry {
  const read = (name: string) => numberOf(element, name)
  const [left, top, right, bottom] = [read('xtl'), read('ytl'), read('xbr'), read('ybr')]
  if (right < left || bottom < top) {
    const corners = `${left}, ${top} to ${right}, ${bottom}`
    throw fault('E_BBOX_NEGATIVE_SIZE', `The box from ${corners} ends before it begins`)
  }
  const box: BoxXywh = [left, top, right - left, bottom - top]
  const rotation = numberOf(element, 'rotation', 0)
  if (rotation % 360 === 0) return { box, area: box[2] * box[3] }
  return outlinedObject([turnedBox(box, rotation)], frame)
}

function polygonGeometry(element: XmlElement, frame: FrameSize | null): Geometry {
  const points = (element.attributes.get('points') ?? '').split(';').flatMap((pair) => {
    const values = pair.split(',').map((text) => numberFromText(text.trim()))
    if (values.length !== 2) {
      throw fault('E_POLYGON_MALFORMED', `"${short(pair)}" is no point x,y of a polygon`)
    }
    return values.map((value) => finite(value, 'E_POLYGON_MALFORMED', pair))
  })
  if (points.length < 6) {
    throw fault('E_POLYGON_MALFORMED', `The polygon has ${points.length / 2} points`)
  }
  return outlinedObject([points], frame)
}

function ellipseGeometry(element: XmlElement, frame: FrameSize | null): Geometry {
  const read = (name: string) => numberOf(element, name)
  const [x, y, radiusX, radiusY] = [read('cx'), read('cy'), read('rx'), read('ry')]
  if (radiusX < 0 || radiusY < 0) {
    throw fault('E_BBOX_NEGATIVE_SIZE', `The ellipse has the radii ${radiusX} and ${radiusY}`)
  }
  const rotation = numberOf(element, 'rotation', 0)
  const outline = ellipseOutline(x, y, radiusX, radiusY, rotation)
  // The box of the curve itself, of which the outline lacks a little unless it is upright.
  const angle = (rotation * Math.PI) / 180
  const halfWidth = Math.hypot(radiusX * Math.cos(angle), radiusY * Math.sin(angle))
  const halfHeight = Math.hypot(radiusX * Math.sin(angle), radiusY * Math.cos(angle))
  const box: BoxXywh = [x - halfWidth, y - halfHeight, 2 * halfWidth, 2 * halfHeight]
  return outlinedObject([outline], frame, box)
}

/** Run lengths row by row inside the box, beginning with background. */
function maskGeometry(element: XmlElement, frame: FrameSize | null): Geometry {
  const read = (name: string) => numberOf(element, name)
  const place = {
    left: read('left'),
    top: read('top'),
    width: read('width'),
    height: read('height'),
  }
  if (!isUsableFrame(frame) || !isInside(place, frame)) {
    const size = frame === null ? 'unknown size' : `${frame.width}x${frame.height}`
    const { left, top, width, height } = place
    throw fault(
      'E_MASK_SIZE_MISMATCH',
      `The mask of ${width}x${height} at ${left}, ${top} is not inside its picture of ${size}`,
    )
  }
  const bits = bitsOfRuns(element.attributes.get('rle') ?? '', place.width * place.height)
  const mask = cropToRle({ ...place, bits }, frame)
  const box: BoxXywh = [place.left, place.top, place.width, place.height]
  return { box, shape: { mask }, area: rleArea(mask) }
}

function bitsOfRuns(text: string, pixels: number): Uint8Array {
  const bits = new Uint8Array(pixels)
  let at = 0
  let bit = 0
  for (const part of text.split(',')) {
    const run = part.trim()
    if (!/^\d{1,15}$/.test(run))
      throw fault('E_RLE_MALFORMED', `"${short(run)}" is no run of a mask`)
    const end = at + Number(run)
    if (end > pixels) throw wrongLength(`at least ${end}`, pixels)
    if (bit === 1) bits.fill(1, at, end)
    at = end
    bit = 1 - bit
  }
  if (at !== pixels) throw wrongLength(String(at), pixels)
  return bits
}

function wrongLength(sum: string, pixels: number): AppError {
  return fault(
    'E_RLE_LENGTH',
    `The runs of the mask add up to ${sum}, and its box has ${pixels} pixels`,
  )
}

function numberOf(element: XmlElement, name: string, otherwise?: number): number {
  const text = element.attributes.get(name)
  if (text === undefined && otherwise !== undefined) return otherwise
  return finite(numberFromText((text ?? '').trim()), 'E_BBOX_MALFORMED', `${name}="${text ?? ''}"`)
}

function finite(value: number | null, code: string, text: string): number {
  if (value === null) throw fault(code, `"${short(text)}" is no number`)
  if (!Number.isFinite(value)) throw fault('E_BBOX_NOT_FINITE', `"${short(text)}" is not finite`)
  if (Math.abs(value) > largest) {
    throw fault(code, `"${short(text)}" is further away than any picture is wide`)
  }
  return value
}

/** The flags that a shape carries, and its attributes, by name. Their values are texts. */
export function attributesOf(element: XmlElement): Attributes {
  const found: [string, JsonValue][] = []
  if (element.attributes.get('occluded') === '1') found.push(['occluded', true])
  for (const name of ['z_order', 'group_id']) {
    const value = numberFromText(element.attributes.get(name) ?? '')
    if (value !== null && Number.isSafeInteger(value) && value !== 0) found.push([name, value])
  }
  for (const child of childrenOf(element, 'attribute')) {
    const name = child.attributes.get('name')
    if (name !== undefined && name !== '__proto__') found.push([name, child.text])
  }
  return Object.fromEntries(found)
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

function fault(code: string, message: string): AppError {
  return new AppError(code, `${message}.`, 'Correct the shape in CVAT and export it again.')
}

import type { Detection } from '../../shared/vision/box'
import type { RgbImage } from '../../shared/vision/image'
import { maskArea, type Mask } from '../../shared/vision/mask'
import {
  boxStyles,
  drawBoxes,
  drawSample,
  type BoxStyle,
  type DrawnBox,
  type Pens,
} from './annotate-boxes'
import { clipped, fillRect, newCanvas, paste, type Canvas, type Rect } from './annotate-canvas'
import { colours, type Colour } from './annotate-colours'
import { compareDetections, type Differences } from './annotate-differences'
import { resizeMask } from '../../shared/vision/resize-mask'
import { drawCompletedMask, drawRawMask } from './annotate-masks'
import { drawText, fitText, textWidth } from './annotate-text'
import { sharp } from './guarded-sharp'

export interface Annotation {
  /** The photograph. */
  readonly image: RgbImage
  /** The picture that the defense handed to the detector; default `image`. Same size. */
  readonly cleaned?: RgbImage
  /** Boxes without the defense; null if they are not known or if there is no defense to compare with. */
  readonly before: readonly Detection[] | null
  readonly after: readonly Detection[]
  readonly classNames: readonly string[]
  /** `completed` and `raw` are drawn, the first that there is; size of `image`. */
  readonly masks: Readonly<Record<string, Mask>>
}

export interface AnnotationOptions {
  /** Default `jpeg`. */
  readonly format?: 'jpeg' | 'png'
  /** Longer side of each photograph in the picture; larger ones are shrunk. Default 1280. */
  readonly maxSide?: number
}

/** Smaller photographs are enlarged to this side, because text and lines cannot shrink with them. */
const minSide = 480
const minPanelWidth = 240

interface Text {
  readonly text: string
  readonly colour: Colour
}

interface Panel {
  readonly image: RgbImage
  readonly boxes: readonly DrawnBox[]
  readonly mask?: Mask
  readonly raw?: Mask
  readonly style: BoxStyle
  readonly caption: readonly Text[]
}

/**
 * A picture worth showing: the photograph with its boxes, and beside it, where both are known, what the defended detector
 * saw and found, with the removed patch and the differences marked. Text and lines are the same on every machine.
 */
export async function annotatedPicture(
  annotation: Annotation,
  options: AnnotationOptions = {},
): Promise<Uint8Array> {
  const canvas = await drawAnnotation(annotation, options)
  const { width, height } = canvas
  const pipeline = sharp(canvas.data, { raw: { width, height, channels: 3 } })
  return options.format === 'png'
    ? pipeline.png().toBuffer()
    : pipeline.jpeg({ quality: 90, chromaSubsampling: '4:4:4' }).toBuffer()
}

/** `annotatedPicture` before it is encoded. */
export async function drawAnnotation(
  annotation: Annotation,
  options: AnnotationOptions = {},
): Promise<RgbImage> {
  const { image } = annotation
  const scale = scaleFor(image, options.maxSide ?? 1280)
  const width = Math.max(1, Math.round(image.width * scale))
  const height = Math.max(1, Math.round(image.height * scale))
  const longer = Math.max(width, height)
  const pens: Pens = {
    line: Math.max(2, Math.round(longer / 450)),
    text: Math.round(6.5 + longer / 190),
  }
  const panels = panelsOf(annotation, width / image.width, height / image.height)
  const pictures = new Map<RgbImage, RgbImage>()
  for (const panel of panels) {
    if (!pictures.has(panel.image)) {
      pictures.set(panel.image, await resized(panel.image, width, height))
    }
  }
  const shown = panels.map((panel) => ({
    ...panel,
    image: pictures.get(panel.image) ?? panel.image,
  }))
  return layOut(shown, width, height, pens)
}

function scaleFor({ width, height }: RgbImage, maxSide: number): number {
  const longer = Math.max(width, height)
  if (longer > maxSide) return maxSide / longer
  return longer < minSide ? Math.min(minSide, maxSide) / longer : 1
}

async function resized(image: RgbImage, width: number, height: number): Promise<RgbImage> {
  if (image.width === width && image.height === height) return image
  const data = await sharp(image.data, {
    raw: { width: image.width, height: image.height, channels: 3 },
  })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer()
  return { data, width, height }
}

function panelsOf(annotation: Annotation, scaleX: number, scaleY: number): Panel[] {
  const { image, cleaned = image, before, after, classNames, masks } = annotation
  const { completed, raw } = masks
  const scaled = (detection: Detection, style: BoxStyle, sign = '', label?: string): DrawnBox => ({
    left: detection.box[0] * scaleX,
    top: detection.box[1] * scaleY,
    right: detection.box[2] * scaleX,
    bottom: detection.box[3] * scaleY,
    style,
    score: detection.score,
    tag: `${sign}${label ?? nameOf(detection, classNames)} ${detection.score.toFixed(2)}`,
  })
  const nameOnly = (detection: Detection) => nameOf(detection, classNames)
  const defended =
    before !== null || completed !== undefined || raw !== undefined || cleaned !== image
  if (!defended) {
    const boxes = after.map((detection) => scaled(detection, boxStyles.undefended))
    return [
      {
        image,
        boxes,
        style: boxStyles.undefended,
        caption: caption('No defense', boxes.length, []),
      },
    ]
  }
  const difference = compareDetections(before ?? after, after)
  const styled = after.map((detection) => scaled(detection, boxStyles.defended))
  for (const index of difference.gained) {
    styled[index] = scaled(after[index]!, boxStyles.gained, '+ ')
  }
  for (const pair of difference.moved) {
    styled[pair.after] = {
      ...scaled(after[pair.after]!, boxStyles.moved, '→ '),
      ghost: scaled(before![pair.before]!, boxStyles.moved),
    }
  }
  for (const pair of difference.relabelled) {
    const label = `${nameOnly(before![pair.before]!)} ⇄ ${nameOnly(after[pair.after]!)}`
    styled[pair.after] = scaled(after[pair.after]!, boxStyles.relabelled, '', label)
  }
  const shown = completed ?? raw
  const afterPanel: Panel = {
    image: cleaned,
    boxes: styled,
    ...(completed ? { mask: completed } : raw ? { raw } : {}),
    style: boxStyles.defended,
    caption: caption(
      before === null ? 'Defended' : 'After',
      after.length,
      counts(difference),
      removal(shown),
    ),
  }
  if (before === null) return [afterPanel]
  const lost = new Set(difference.lost)
  const boxes = before.map((detection, index) =>
    lost.has(index)
      ? scaled(detection, boxStyles.lost, '− ')
      : scaled(detection, boxStyles.undefended),
  )
  const words = caption('Before', before.length, [], 'no defense')
  return [{ image, boxes, style: boxStyles.undefended, caption: words }, afterPanel]
}

const nameOf = (detection: Detection, classNames: readonly string[]) =>
  classNames[detection.classId] ?? `class ${detection.classId}`

function removal(mask: Mask | undefined): string | undefined {
  if (mask === undefined) return undefined
  const share = maskArea(mask) / mask.bits.length
  if (share === 0) return 'no patch found'
  return `removed ${share < 0.001 ? '<0.1' : (100 * share).toFixed(1)} %`
}

function caption(title: string, boxes: number, changes: readonly Text[], what?: string): Text[] {
  const quiet = (text: string): Text => ({ text: `· ${text}`, colour: colours.quietText })
  return [
    { text: title, colour: colours.text },
    quiet(boxes === 1 ? '1 box' : `${boxes} boxes`),
    ...changes,
    ...(what === undefined ? [] : [quiet(what)]),
  ]
}

function counts(difference: Differences): Text[] {
  const signs: readonly (readonly [string, number, Colour])[] = [
    ['+', difference.gained.length, colours.gained],
    ['−', difference.lost.length, colours.lost],
    ['→', difference.moved.length, colours.moved],
    ['⇄', difference.relabelled.length, colours.relabelled],
  ]
  return signs
    .filter(([, count]) => count > 0)
    .map(([sign, count, colour]) => ({ text: `${sign}${count}`, colour }))
}

function layOut(panels: readonly Panel[], width: number, height: number, pens: Pens): RgbImage {
  const stacked = width > 1.9 * height
  const cellWidth = Math.max(width, minPanelWidth)
  const strip = Math.round(pens.text * 2.6)
  const cellHeight = height + strip
  const gap = Math.round(pens.text * 0.8)
  const along = panels.length - 1
  const canvas = newCanvas(
    cellWidth + (stacked ? 0 : along * (cellWidth + gap)),
    cellHeight + (stacked ? along * (cellHeight + gap) : 0),
    colours.gap,
  )
  panels.forEach((panel, index) => {
    const left = stacked ? 0 : index * (cellWidth + gap)
    const top = stacked ? index * (cellHeight + gap) : 0
    const pictureLeft = left + ((cellWidth - width) >> 1)
    const right = pictureLeft + width
    drawPanel(canvas, panel, { left: pictureLeft, top, right, bottom: top + height }, pens)
    const bottom = top + cellHeight
    drawCaption(canvas, panel, { left, top: top + height, right: left + cellWidth, bottom }, pens)
  })
  return canvas
}

function drawPanel(canvas: Canvas, panel: Panel, place: Rect, pens: Pens): void {
  const { image } = panel
  paste(canvas, image, place.left, place.top)
  const inside = clipped(canvas, place)
  if (panel.mask) drawCompletedMask(inside, resizeMask(panel.mask, image.width, image.height), pens)
  if (panel.raw) drawRawMask(inside, resizeMask(panel.raw, image.width, image.height), pens)
  drawBoxes(
    inside,
    panel.boxes.map((box) => shifted(box, place.left, place.top)),
    pens,
  )
}

function shifted(box: DrawnBox, x: number, y: number): DrawnBox {
  return {
    ...box,
    left: box.left + x,
    right: box.right + x,
    top: box.top + y,
    bottom: box.bottom + y,
    ...(box.ghost ? { ghost: shifted(box.ghost, x, y) } : {}),
  }
}

function drawCaption(canvas: Canvas, panel: Panel, place: Rect, pens: Pens): void {
  fillRect(canvas, place, colours.strip)
  const inside = clipped(canvas, place)
  const centre = (place.top + place.bottom) / 2
  const margin = pens.text
  let left = place.left + margin
  left += drawSample(inside, panel.style, left, centre, pens) + margin * 0.8
  for (const { text, colour } of panel.caption) {
    const room = place.right - margin - left
    const fitted = fitText(text, pens.text, room)
    // A single cut letter says nothing.
    if (textWidth(fitted, pens.text) > room || fitted.length < Math.min(3, text.length)) break
    drawText(inside, fitted, left, centre - pens.text / 2, pens.text, colour)
    left += textWidth(fitted, pens.text) + pens.text * 0.6
  }
}

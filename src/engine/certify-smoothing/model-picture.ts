import { type Footprint, footprints } from '../../certificates/footprint'
import type { ChannelScale, SmoothingPicture } from '../../shared/plugin'
import type { ClassifierCard } from '../../shared/plugin/classifier-card'
import type { BoxXyxy, RgbImage } from '../../shared/vision'
import { planResize } from '../../shared/vision/resize'
import { imageToTensor } from '../../shared/vision/to-tensor'

/** A picture, or a part of one, as a certifier and its model see it. */
export interface ModelPicture {
  readonly picture: SmoothingPicture
  readonly columns: Footprint
  readonly rows: Footprint
  /** False where the model sees the very pixels of the source. */
  readonly isResized: boolean
}

/**
 * The bytes of `image` in the frame of a classifier: resized once, for all samples. Grey pictures are weighted sums of
 * red, green and blue, rounded to bytes, as certificates that count grey levels need.
 */
export function modelPicture({ input }: ClassifierCard, image: RgbImage): ModelPicture {
  const plan = planResize(input, image.width, image.height)
  const { data } = imageToTensor(
    image,
    {
      layout: 'nchw',
      type: 'uint8',
      range: 255,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      channelOrder: input.channels === 1 ? 'rgb' : input.channelOrder,
      interpolation: input.interpolation,
      pad: input.pad,
    },
    plan,
  )
  const planes = Uint8Array.from(data)
  const normalization = scaleOf(input)
  return {
    picture: {
      channels: input.channels,
      height: plan.height,
      width: plan.width,
      data: input.channels === 1 ? greyOf(planes) : planes,
      ...(normalization === null ? {} : { normalization }),
    },
    ...footprints(input, plan),
    isResized: plan.contentWidth !== image.width || plan.contentHeight !== image.height,
  }
}

/** Whole pixels that a box covers, at least 1x1, inside the frame; null where it lies outside of it. */
export function pixelsOf(box: BoxXyxy, frame: Pick<RgbImage, 'width' | 'height'>): BoxXyxy | null {
  const [left, top] = [Math.max(0, Math.round(box[0])), Math.max(0, Math.round(box[1]))]
  const right = Math.min(frame.width, Math.max(Math.round(box[2]), left + 1))
  const bottom = Math.min(frame.height, Math.max(Math.round(box[3]), top + 1))
  return right > left && bottom > top ? [left, top, right, bottom] : null
}

/** The pixels of `pixels` (see `pixelsOf`), copied. */
export function cropOf(image: RgbImage, [left, top, right, bottom]: BoxXyxy): RgbImage {
  const [width, height] = [right - left, bottom - top]
  const data = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) {
    const from = 3 * ((top + y) * image.width + left)
    data.set(image.data.subarray(from, from + 3 * width), 3 * y * width)
  }
  return { data, width, height }
}

function greyOf(planes: Uint8Array): Uint8Array {
  const area = planes.length / 3
  return Uint8Array.from({ length: area }, (_, i) =>
    Math.round(0.299 * planes[i]! + 0.587 * planes[area + i]! + 0.114 * planes[2 * area + i]!),
  )
}

/** Mean and deviation for values of 0..1; null where the model takes these as they are. */
function scaleOf({ range, mean, std, channels }: ClassifierCard['input']): ChannelScale | null {
  const scale = {
    mean: mean.slice(0, channels).map((value) => value / range),
    std: std.slice(0, channels).map((value) => value / range),
  }
  const isPlain =
    scale.mean.every((value) => value === 0) && scale.std.every((value) => value === 1)
  return isPlain ? null : scale
}

import type { ClassifierCard } from '../../shared/plugin/classifier-card'
import { seededRandom } from '../../shared/random'
import type { RgbImage } from '../../shared/vision/image'
import { planResize } from '../../shared/vision/resize'
import { imageToTensor } from '../../shared/vision/to-tensor'

/** Copies that a classifier trained by random ablation is shown; more would say the same more slowly. */
const ablatedCopies = 64

/**
 * A picture as a classifier wants to see it: once, or in the copies that it was trained to vote on. Each view holds the
 * values of one item of the batch, channel first, before the layout of the card. The same picture gives the same views.
 */
export function classifierViews(card: ClassifierCard, image: RgbImage): readonly Float32Array[] {
  const planes = planesOf(card, image)
  const { smoothing } = card.output
  const { width, height } = card.input
  switch (smoothing?.method) {
    case 'derandomized-smoothing':
      return Array.from({ length: width }, (_, position) =>
        encode(card, planes, (at) => ((at % width) - position + width) % width < smoothing.band),
      )
    case 'randomized-ablation':
      return Array.from({ length: ablatedCopies }, (_, copy) => {
        const kept = choose(width * height, smoothing.retained, seededRandom(copy, 1))
        return encode(card, planes, (at) => kept.has(at))
      })
    case 'splitting-noise':
      return Array.from({ length: smoothing.levels }, (_, shift) =>
        planes.map((value, at) => {
          const offset = (shift + smoothing.template[at]!) % smoothing.levels
          return middleOfCell(Math.round(255 * value), offset, smoothing.levels)
        }),
      )
    case 'gaussian-smoothing':
    case undefined:
      return [encode(card, planes, () => true)]
  }
}

/** The resized picture, channel by channel, normalised as the card says; grey where the card has one channel. */
function planesOf({ input }: ClassifierCard, image: RgbImage): Float32Array {
  const plan = planResize(input, image.width, image.height)
  const isGrey = input.channels === 1
  const plain = { mean: [0, 0, 0], std: [1, 1, 1], range: 255, channelOrder: 'rgb' } as const
  const { data } = imageToTensor(
    image,
    {
      ...input,
      ...(isGrey ? { ...plain, mean: [0, 0, 0], std: [1, 1, 1] } : {}),
      layout: 'nchw',
      type: 'float32',
    },
    plan,
  )
  if (!isGrey) return Float32Array.from(data)
  const area = plan.width * plan.height
  return Float32Array.from({ length: area }, (_, i) => {
    const grey = 0.299 * data[i]! + 0.587 * data[area + i]! + 0.114 * data[2 * area + i]!
    return (grey * (input.range / 255) - input.mean[0]) / input.std[0]
  })
}

/** The encoding of the card: the planes, or x and 1 - x with zeros where a pixel is not kept. */
function encode(
  { input }: ClassifierCard,
  planes: Float32Array,
  isKept: (pixel: number) => boolean,
): Float32Array {
  if (input.encoding === 'plain') return planes
  const area = planes.length / input.channels
  const pair = new Float32Array(2 * planes.length)
  for (let pixel = 0; pixel < area; pixel++) {
    if (!isKept(pixel)) continue
    for (let at = pixel; at < planes.length; at += area) {
      pair[at] = planes[at]!
      pair[planes.length + at] = 1 - planes[at]!
    }
  }
  return pair
}

/** Middle of the cell that holds `byte`, 0..1, where cuts lie half a level above `offset` and every `levels` from there. */
function middleOfCell(byte: number, offset: number, levels: number): number {
  const lower = offset + 0.5 + Math.floor((byte - offset - 0.5) / levels) * levels
  return (Math.max(0, lower) + Math.min(255, lower + levels)) / 510
}

function choose(total: number, count: number, random: () => number): ReadonlySet<number> {
  const chosen = new Set<number>()
  while (chosen.size < Math.min(total, count)) chosen.add(Math.floor(random() * total))
  return chosen
}

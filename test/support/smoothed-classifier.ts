import type { LoadedModel, Tensor } from '../../src/shared/plugin'
import { tensorChannels } from '../../src/shared/model-card'
import { parseClassifierCard } from '../../src/shared/plugin/classifier-card'
import type { ClassifierCard } from '../../src/shared/plugin/classifier-card'

/** A picture as the methods see it: channel, row, column; 0..1. */
export type Planes = Float32Array

const cardOf = (model: LoadedModel): ClassifierCard => parseClassifierCard(model.card)

/**
 * The encoding `pair` of one picture, once for each element of `kept`: x and 1 - x where the pixel is kept, zeros
 * elsewhere. Dims are [kept.length, 2 * channels, height, width].
 */
export function encodePairs(
  { input }: ClassifierCard,
  planes: Planes,
  kept: readonly ((x: number, y: number) => boolean)[],
): Tensor {
  const { width, height, channels } = input
  const area = width * height
  const data = new Float32Array(kept.length * 2 * channels * area)
  kept.forEach((isKept, n) => {
    for (let i = 0; i < channels * area; i++) {
      const pixel = i % area
      if (!isKept(pixel % width, Math.floor(pixel / width))) continue
      data[2 * n * channels * area + i] = planes[i]!
      data[(2 * n + 1) * channels * area + i] = 1 - planes[i]!
    }
  })
  return { data, dims: [kept.length, 2 * channels, height, width] }
}

/** True in the `band` columns from `position` on, around the right edge where need be. */
export const inBand = (position: number, band: number, width: number) => (x: number) =>
  (x - position + width) % width < band

/** Copies of a picture as the method of the card perturbs it; the first `count` of them. */
export function perturbed(
  model: LoadedModel,
  planes: Planes,
  count: number,
  random: () => number,
): Tensor {
  const card = cardOf(model)
  const { width, height } = card.input
  const smoothing = card.output.smoothing
  const indices = Array.from({ length: count }, (_, i) => i)
  switch (smoothing?.method) {
    case 'derandomized-smoothing':
      return encodePairs(
        card,
        planes,
        indices.map((i) => inBand(i % width, smoothing.band, width)),
      )
    case 'randomized-ablation':
      return encodePairs(
        card,
        planes,
        indices.map(() => {
          const kept = choose(width * height, smoothing.retained, random)
          return (x: number, y: number) => kept.has(y * width + x)
        }),
      )
    case 'splitting-noise':
      return stack(card, planes, indices, (value, at, i) => {
        const { levels, template } = smoothing
        return cellMidpoint(Math.round(255 * value), (i + template[at]!) % levels, levels)
      })
    case 'gaussian-smoothing':
      return stack(card, planes, indices, (value) => value + smoothing.sigma * normal(random))
    case undefined:
      return stack(card, planes, indices, (value) => value)
  }
}

function stack(
  { input }: ClassifierCard,
  planes: Planes,
  indices: readonly number[],
  change: (value: number, at: number, index: number) => number,
): Tensor {
  const data = new Float32Array(indices.length * planes.length)
  for (const i of indices) {
    planes.forEach((value, at) => {
      data[i * planes.length + at] = change(value, at, i)
    })
  }
  return { data, dims: [indices.length, tensorChannels(input), input.height, input.width] }
}

/** Middle of the cell that holds `byte`, when cuts lie half a level above `offset` and every `levels` from there. */
function cellMidpoint(byte: number, offset: number, levels: number): number {
  const lower = offset + 0.5 + Math.floor((byte - offset - 0.5) / levels) * levels
  return (Math.max(0, lower) + Math.min(255, lower + levels)) / 510
}

function choose(total: number, count: number, random: () => number): Set<number> {
  const chosen = new Set<number>()
  while (chosen.size < count) chosen.add(Math.floor(random() * total))
  return chosen
}

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

/** Logits of a batch, one row a picture. */
export async function logitsOf(model: LoadedModel, batch: Tensor): Promise<Float32Array[]> {
  const card = cardOf(model)
  const [name] = card.output.names
  const { [name]: logits } = await model.run({ [card.input.name]: batch })
  const classes = card.classes.length
  if (!(logits?.data instanceof Float32Array) || logits.dims[1] !== classes) {
    throw new Error(`${name} is [${logits?.dims.join(', ') ?? ''}] for ${classes} classes`)
  }
  const { data } = logits
  return Array.from({ length: batch.dims[0]! }, (_, i) =>
    data.slice(i * classes, (i + 1) * classes),
  )
}

/** The class with the most votes of the perturbed copies; ties go to the lower class. */
export async function smoothedClass(model: LoadedModel, batch: Tensor): Promise<number> {
  const { classes, output } = cardOf(model)
  const votes = new Uint32Array(classes.length)
  for (const row of await logitsOf(model, batch)) {
    if (output.smoothing?.method === 'derandomized-smoothing') {
      const { theta } = output.smoothing
      softmax(row).forEach((p, c) => (votes[c]! += p >= theta ? 1 : 0))
    } else votes[row.indexOf(Math.max(...row))]! += 1
  }
  return votes.indexOf(Math.max(...votes))
}

function softmax(row: Float32Array): number[] {
  const top = Math.max(...row)
  const powers = Array.from(row, (v) => Math.exp(v - top))
  const sum = powers.reduce((a, b) => a + b)
  return powers.map((v) => v / sum)
}

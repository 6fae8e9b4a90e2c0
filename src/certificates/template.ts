import type { PictureShape } from '../shared/plugin'
import { AppError } from '../shared/errors'
import { randomBelow, seededRandom } from '../shared/random'

/**
 * The offset of every value of a picture, each below `slots`: channel, row, column. It is part of the model, which was
 * trained with it. Where none is given it is drawn from `seed`, which is sound as well: votes are only poorer.
 * @throws AppError E_SETTING_INVALID
 */
export function templateOf(
  method: string,
  { channels, height, width }: PictureShape,
  slots: number,
  source: {
    readonly template: readonly number[]
    readonly seed: number
    readonly perPixel?: boolean
  },
): readonly number[] {
  const values = channels * height * width
  const { template, seed, perPixel = false } = source
  if (template.length === 0) {
    const random = seededRandom(seed, slots, values)
    const plane = height * width
    const drawn = Array.from({ length: perPixel ? plane : values }, () =>
      randomBelow(random, slots),
    )
    return perPixel ? Array.from({ length: values }, (_, i) => drawn[i % plane]!) : drawn
  }
  if (template.length !== values) {
    throw misfit(method, `it has ${template.length} entries for ${values} values of the picture`)
  }
  const beyond = template.find((offset) => offset >= slots)
  if (beyond !== undefined) throw misfit(method, `${beyond} is not below ${slots}`)
  return template
}

const misfit = (method: string, reason: string) =>
  new AppError(
    'E_SETTING_INVALID',
    `${method}: setting template is not usable: ${reason}`,
    'Take the template and the levels that the model was trained with, from its card.',
  )

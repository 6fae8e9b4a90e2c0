import { touchedRange } from '../../certificates/footprint'
import { wholeSample } from '../../certificates/derandomized-smoothing/encode'
import type { HiddenRectangle } from '../../defenses/masking/covering-masks'
import { modelValue, type PictureShape } from '../../shared/plugin'
import type { ClassifierCard } from '../../shared/plugin/classifier-card'
import type { RgbImage } from '../../shared/vision'
import { modelPicture } from '../certify-smoothing/model-picture'

/** A picture as its model takes it, resized once, of which parts can be hidden. */
export interface MaskedPicture {
  /** Of one sample. */
  readonly shape: PictureShape
  /** Fills `out` with the picture without all that the rectangles, in pixels of the source, have a part in. */
  hide(hidden: readonly HiddenRectangle[], out: Float32Array): void
}

/**
 * Hidden pixels are grey (0..255); for models that are given x and 1 - x they are 0 in both, which no pixel is.
 */
export function maskedPicture(card: ClassifierCard, image: RgbImage, grey: number): MaskedPicture {
  const { picture, columns, rows } = modelPicture(card, image)
  const isPair = card.input.encoding === 'pair'
  const isBytes = card.input.type === 'uint8'
  const whole = isBytes
    ? Float32Array.from(picture.data)
    : wholeSample(picture, isPair ? 'pair' : 'zero-fill')
  const { width, height } = picture
  const plane = width * height
  const shape = { channels: whole.length / plane, height, width }
  const hiddenValues = Array.from({ length: shape.channels }, (_, channel) => {
    if (isPair) return 0
    return isBytes ? grey : modelValue(grey / 255, channel, picture.normalization)
  })
  return {
    shape,
    hide(hidden, out) {
      out.set(whole)
      for (const one of hidden) {
        const across = touchedRange(columns, one.x, one.width)
        const down = touchedRange(rows, one.y, one.height)
        if (across === null || down === null) continue
        for (const [channel, value] of hiddenValues.entries()) {
          for (let y = down[0]; y <= down[1]; y++) {
            const row = channel * plane + y * width
            out.fill(value, row + across[0], row + across[1] + 1)
          }
        }
      }
    },
  }
}

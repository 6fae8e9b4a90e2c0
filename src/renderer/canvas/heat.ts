import { ramp } from './line-styles'

/**
 * The colours of the probabilities 0/255 … 255/255 as RGBA bytes, 4 each. As a layer over the photograph what is unlikely is
 * clear; as a picture of its own everything is opaque.
 */
export function rampBytes(isLayer: boolean): Uint8ClampedArray {
  const bytes = new Uint8ClampedArray(4 * 256)
  for (let value = 0; value < 256; value++) {
    const place = (value / 255) * (ramp.length - 1)
    const below = Math.min(ramp.length - 2, Math.floor(place))
    const [from, to] = [rgb(ramp[below] ?? ramp[0]), rgb(ramp[below + 1] ?? ramp[0])]
    for (let channel = 0; channel < 3; channel++) {
      bytes[4 * value + channel] = mix(from[channel]!, to[channel]!, place - below)
    }
    bytes[4 * value + 3] = isLayer ? Math.min(255, 2 * value) : 255
  }
  return bytes
}

/** Turns grey pixels (RGBA, the red channel counts) into colours of the ramp, in place. */
export function colourByRamp(pixels: Uint8ClampedArray, isLayer: boolean): void {
  const colours = rampBytes(isLayer)
  for (let i = 0; i < pixels.length; i += 4) {
    const from = 4 * pixels[i]!
    pixels[i] = colours[from]!
    pixels[i + 1] = colours[from + 1]!
    pixels[i + 2] = colours[from + 2]!
    pixels[i + 3] = colours[from + 3]!
  }
}

function rgb(colour: string): readonly number[] {
  const value = Number.parseInt(colour.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

function mix(from: number, to: number, share: number): number {
  return Math.round(from + share * (to - from))
}

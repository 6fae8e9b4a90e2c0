import { dataColours, pixelOf } from './line-styles'

/**
 * How the pixels of a mask are marked. A proposal is hatched as a completed mask is, its outline is dashed; of one that is
 * just being offered only the outline is drawn, so that what the segmenter saw stays visible in it.
 */
export type MaskLook = 'raw' | 'completed' | 'proposal' | 'offered' | 'uncertified'

/** A square of `period` pixels that repeats; entry `(y mod period) * period + (x mod period)` is one pixel. */
export interface Pattern {
  readonly period: number
  readonly pixels: Uint32Array
}

/** Lengths in CSS pixels. */
const LOOKS = {
  raw: { colour: dataColours.raw, wash: 0.22, period: 5, ink: dot(1.1) },
  completed: { colour: dataColours.completed, wash: 0.16, period: 10, ink: stripes(1.7, false) },
  proposal: { colour: dataColours.completed, wash: 0.12, period: 10, ink: stripes(1.7, false) },
  offered: { colour: dataColours.completed, wash: 0, period: 10, ink: () => 0 },
  uncertified: { colour: dataColours.nocert, wash: 0, period: 11, ink: stripes(1.1, true) },
}

/** The pattern of a mask at a pixel ratio and opacity: dots, 45° hatch or cross-hatch over a wash of the same colour. */
export function maskPattern(look: MaskLook, pixelRatio: number, opacity: number): Pattern {
  const { colour, wash, period: length, ink } = LOOKS[look]
  const period = Math.max(2, Math.round(length * pixelRatio))
  const pixels = new Uint32Array(period * period)
  for (let y = 0; y < period; y++) {
    for (let x = 0; x < period; x++) {
      const covered = ink(x, y, period, pixelRatio)
      pixels[y * period + x] = pixelOf(colour, opacity * (wash + (1 - wash) * covered))
    }
  }
  return { period, pixels }
}

/** How much of a pixel the ink covers, 0..1. */
type Ink = (x: number, y: number, period: number, pixelRatio: number) => number

function dot(radius: number): Ink {
  return (x, y, period, pixelRatio) => {
    const distance = Math.hypot(x + 0.5 - period / 2, y + 0.5 - period / 2)
    return clamp01(radius * pixelRatio + 0.5 - distance)
  }
}

function stripes(width: number, isCrossed: boolean): Ink {
  return (x, y, period, pixelRatio) => {
    const rising = stripe(x + y + 1, width * pixelRatio, period)
    return isCrossed ? Math.max(rising, stripe(x - y, width * pixelRatio, period)) : rising
  }
}

/** A line at 45° repeats along x every `period` pixels; `along` is x + y or x - y. */
function stripe(along: number, width: number, period: number): number {
  const place = ((along % period) + period) % period
  const distance = Math.min(place, period - place) / Math.SQRT2
  return clamp01(width / 2 + 0.5 - distance)
}

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value))
}

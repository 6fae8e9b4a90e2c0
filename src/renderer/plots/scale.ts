/** A straight map from values to pixels. */
export interface LinearScale {
  readonly domain: readonly [number, number]
  readonly range: readonly [number, number]
  /** Pixel of a value; values outside the domain land outside the range. */
  at(value: number): number
  /** Value at a pixel. */
  invert(pixel: number): number
}

/** A domain without extent is put in the middle of the range. */
export function linearScale(
  domain: readonly [number, number],
  range: readonly [number, number],
): LinearScale {
  const [low, high] = domain
  const [from, to] = range
  const extent = high - low
  return {
    domain,
    range,
    at: (value) => (extent === 0 ? (from + to) / 2 : from + ((value - low) / extent) * (to - from)),
    invert: (pixel) => (to === from ? low : low + ((pixel - from) / (to - from)) * extent),
  }
}

export interface BandScale {
  readonly step: number
  /** Width of one band without its gap. */
  readonly band: number
  /** First pixel of a band. */
  start(index: number): number
  /** Middle of a band. */
  middle(index: number): number
}

/** Equal bands beside each other. @param gap share of a step between two bands, 0 to 1 */
export function bandScale(count: number, range: readonly [number, number], gap = 0): BandScale {
  const [from, to] = range
  const step = count === 0 ? to - from : (to - from) / count
  const band = step * (1 - gap)
  const start = (index: number) => from + step * index + (step - band) / 2
  return { step, band, start, middle: (index) => start(index) + band / 2 }
}

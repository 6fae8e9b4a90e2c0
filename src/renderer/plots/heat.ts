import type { Token } from './scene'

/** Steps of the tokens `--heat-0` to `--heat-5`. */
export type HeatStep = 0 | 1 | 2 | 3 | 4 | 5

const steps = [1, 2, 3, 4] as const

/**
 * The step of a count beside the largest of its table. Only nothing has step 0, and only the largest
 * step 5. Counts rise by
 * powers, so equal steps of the logarithm are equal steps of the colour.
 */
export function heatStep(value: number, largest: number): HeatStep {
  if (!(value > 0) || !(largest > 0)) return 0
  if (value >= largest) return 5
  const share = Math.log1p(value) / Math.log1p(largest)
  return steps[Math.min(3, Math.floor(share * 4))] ?? 4
}

export function heatFill(step: HeatStep): Token {
  return `--heat-${step}`
}

/** The token of figures on a step; step 3 is a middle pink in every theme, on which only the dark one is read well. */
export function heatInk(step: HeatStep): Token {
  if (step === 3) return '--d-on'
  return step > 3 ? '--on-heat-high' : '--on-heat-low'
}

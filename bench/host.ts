import type { Locations } from '../src/engine/vision-job'

/** What a measurement is given. */
export interface BenchHost {
  readonly locations: Locations
  readonly signal: AbortSignal
  /** Id or ONNX file. */
  readonly detector: string
  readonly threads: number
  readonly variants: 'default' | 'all'
  /** Print one JSON document in place of a table; `models` alone does. */
  readonly json: boolean
}

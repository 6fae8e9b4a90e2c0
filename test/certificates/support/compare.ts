export interface Tolerance {
  readonly absolute?: number
  readonly relative?: number
}

export interface VectorCase {
  readonly id: string
  readonly kind: string
  readonly input: unknown
  readonly expected: unknown
}

export interface VectorDocument {
  readonly schema: string
  readonly method: string
  readonly tolerance: Tolerance
  readonly cases: readonly VectorCase[]
}

/** Fields that hold samples, which the files print with six or more digits. */
const SAMPLES = /ablated_inputs|tensor|outputs/

/**
 * Where an answer misses what is expected of a reference case: whole numbers, truth values and field names exactly,
 * other numbers to the tolerance of the file (1e-9 where the file gives it in words).
 */
export function differences(
  got: unknown,
  expected: unknown,
  tolerance: Tolerance,
  path = '',
): string[] {
  if (typeof expected === 'number' && typeof got === 'number') {
    return Math.abs(got - expected) <= allowedAt(path, got, expected, tolerance)
      ? []
      : [`${path}: ${got} for ${expected}`]
  }
  if (!isRecord(expected) || !isRecord(got)) {
    return Object.is(got, expected)
      ? []
      : [`${path}: ${JSON.stringify(got)} for ${JSON.stringify(expected)}`]
  }
  const keys = new Set([...Object.keys(expected), ...Object.keys(got)])
  return [...keys].flatMap((key) =>
    differences(got[key], expected[key], tolerance, `${path}.${key}`),
  )
}

function allowedAt(path: string, got: number, expected: number, tolerance: Tolerance): number {
  if (SAMPLES.test(path)) return 1e-6
  if (Number.isInteger(expected) && Number.isInteger(got)) return 0
  const { absolute = 0, relative = 0 } = tolerance
  return Math.max(absolute, 1e-9) + relative * Math.abs(expected)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

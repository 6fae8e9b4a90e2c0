/** A fault that changes nothing that could be seen, and why. */
export interface Equivalent {
  /** The line of the source that it is in, without its indent. */
  readonly line: string
  readonly from: string
  readonly to: string
  /** The line with the fault, where it could be planted in several places of the line. */
  readonly becomes?: string
  readonly why: string
}

/** By file, named from src/certificates on. */
export type Equivalents = Readonly<Record<string, readonly Equivalent[]>>

/** Gives a module of src/certificates by its file, such as `splitting-noise/levels`: the real one, or a mutant. */
export type Load = <T>(file: string) => T

/** One property. `effort` 1 is thorough; a mutant is asked with less. Throws where the property is broken. */
export interface Check {
  readonly name: string
  /** All modules that it asks for, where that is known: what none of them imports cannot break it. */
  readonly loads?: readonly string[]
  readonly run: (load: Load, effort: number) => void
}

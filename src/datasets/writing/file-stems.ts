import { withoutEnding } from '../reading/pictures'

/**
 * Names without ending for one file a picture: `a.jpg` gives `a`, a second `a.png` keeps its ending. Unique also where case
 * is ignored.
 */
export class FileStems {
  readonly #taken: Set<string>

  /** `reserved`: names that are given to other files. */
  constructor(reserved: readonly string[] = []) {
    this.#taken = new Set(reserved.map((name) => name.toLowerCase()))
  }

  take(file: string): string {
    let stem = [withoutEnding(file), file].find((choice) => !this.#taken.has(choice.toLowerCase()))
    for (let i = 2; stem === undefined; i++) {
      if (!this.#taken.has(`${file}-${i}`.toLowerCase())) stem = `${file}-${i}`
    }
    this.#taken.add(stem.toLowerCase())
    return stem
  }
}

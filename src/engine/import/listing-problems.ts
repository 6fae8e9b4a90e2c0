import type { ImportProblem } from '../../shared/dataset/records'
import { NameCheck } from '../files/list-images-names'
import { warningProblem } from './problem'

/** Gathers what listing finds, once for each file although importers list the same folders again and again. */
export class ListingProblems {
  readonly #problems: ImportProblem[] = []
  #taken = 0

  add(problem: ImportProblem): void {
    this.#problems.push(problem)
  }

  /** Looks at the names of one folder's files. */
  checkNames(folder: string, names: Iterable<string>): void {
    const check = new NameCheck()
    for (const name of names) {
      for (const warning of check.warningsFor(name)) {
        this.add(warningProblem(warning, joinName(folder, name)))
      }
    }
  }

  take(): readonly ImportProblem[] {
    const fresh = this.#problems.slice(this.#taken)
    this.#taken = this.#problems.length
    return fresh
  }
}

/** `folder` is empty for the root. */
export const joinName = (folder: string, name: string) =>
  folder === '' ? name : `${folder}/${name}`

import type { ImageMarks, Project, RunMark } from '../../store'
import { isAppError } from '../is-app-error'

interface Known {
  last: number
  readonly byImage: Map<number, RunMark>
}

const RUNS_KEPT = 6
const MARKS_A_TURN = 20_000

/** What runs say of pictures, in short and in memory: read once, and only what is new after that. */
export class RunMarks {
  readonly #project: Project
  readonly #runs = new Map<number, Known>()
  readonly #pairs = new Map<string, { images: number; marks: Map<number, ImageMarks> }>()

  constructor(project: Project) {
    this.#project = project
  }

  /** By the id of the picture. @throws AppError E_ROW_UNKNOWN */
  of(runId: number): ReadonlyMap<number, RunMark> {
    this.#project.runs.get(runId)
    const known = this.#runs.get(runId) ?? { last: 0, byImage: new Map<number, RunMark>() }
    this.#runs.delete(runId)
    this.#runs.set(runId, known)
    for (;;) {
      const marks = this.#project.runs.marks(runId, known.last, MARKS_A_TURN)
      for (const mark of marks) {
        known.last = mark.itemId
        if (mark.memberId !== null) known.byImage.set(mark.memberId, mark)
      }
      if (marks.length < MARKS_A_TURN) break
    }
    for (const old of [...this.#runs.keys()].slice(0, -RUNS_KEPT)) this.#runs.delete(old)
    return known.byImage
  }

  /**
   * Differences from run `a` to run `b`, by the id of the picture; compares what is new.
   * @throws AppError E_ROW_UNKNOWN
   */
  async between(
    a: number,
    b: number,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<number, ImageMarks>> {
    const { comparisons } = this.#project
    let images: number | null = null
    if (!this.#project.isReadOnly) {
      try {
        images = (await comparisons.compare(a, b, signal)).images
      } catch (error) {
        // During an import nothing can be written: what was compared before is what there is.
        if (!isAppError(error, 'E_PROJECT_BUSY')) throw error
      }
    }
    const key = `${a} ${b}`
    const known = this.#pairs.get(key)
    if (known && images !== null && known.images === images) return known.marks
    const marks = new Map(comparisons.marks(a, b).map(({ memberId, ...rest }) => [memberId, rest]))
    this.#pairs.delete(key)
    this.#pairs.set(key, { images: images ?? -1, marks })
    for (const old of [...this.#pairs.keys()].slice(0, -RUNS_KEPT)) this.#pairs.delete(old)
    return marks
  }

  forget(): void {
    this.#runs.clear()
    this.#pairs.clear()
  }
}

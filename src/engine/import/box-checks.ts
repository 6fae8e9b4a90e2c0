import type { BoxXywh, ImportProblem } from '../../shared/dataset/records'
import { showPath } from '../../shared/image-errors'
import { warningProblem } from './problem'

interface Place {
  readonly file: string
  readonly width: number
  readonly height: number
}

/** Formats with few decimals put a box that ends at the edge a little beyond it. */
const slack = 0.01

/**
 * Looks at boxes whose importer did not know the size of the picture, and so could not look itself. What an importer has
 * told of its own is not told again.
 */
export class BoxChecks {
  readonly #toldByImporter = new Set<string>()
  #leaving = 0
  #leavingButCorners = 0
  #total = 0
  #example: { readonly file: string; readonly box: BoxXywh } | undefined

  /** A problem of the importer passed by. */
  note(problem: ImportProblem): void {
    if (problem.code.startsWith('W_BBOX_')) this.#toldByImporter.add(problem.code)
  }

  check(box: BoxXywh, { file, width, height }: Place): readonly ImportProblem[] {
    const [x, y, w, h] = box
    const problems: ImportProblem[] = []
    const warn = (code: string, what: string) => {
      if (this.#toldByImporter.has(code)) return
      const message = `The box ${box.join(', ')} in ${showPath(file)} ${what}.`
      problems.push(warningProblem({ code, message }, file))
    }
    if (w === 0 || h === 0) warn('W_BBOX_EMPTY', 'is empty; it was kept')
    const leaves = x < -slack || y < -slack || x + w > width + slack || y + h > height + slack
    this.#total++
    if (leaves) {
      warn(
        'W_BBOX_OUTSIDE_IMAGE',
        `leaves the picture of ${width}x${height} pixels; it was kept as given`,
      )
      this.#leaving++
      const corners =
        x >= 0 && y >= 0 && w > x && h > y && w <= width + slack && h <= height + slack
      if (corners) {
        this.#leavingButCorners++
        this.#example ??= { file, box }
      }
    }
    return problems
  }

  /** What only all boxes together tell: whether they were meant as corners. */
  finish(): readonly ImportProblem[] {
    const all = this.#leaving === this.#total && this.#leavingButCorners === this.#total
    const code = 'W_BBOX_LOOKS_XYXY'
    if (this.#total < 2 || !all || !this.#example || this.#toldByImporter.has(code)) return []
    const { file, box } = this.#example
    const message =
      `All ${this.#total} boxes leave their pictures if read as x, y, width, height, and fit if read as two corners, ` +
      `such as ${box.join(', ')} in ${showPath(file)}; they were kept as given.`
    return [warningProblem({ code, message }, file)]
  }
}

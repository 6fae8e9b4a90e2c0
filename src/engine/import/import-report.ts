import { guardCell, quoteCell } from '../../datasets/writing/csv-cells'
import { problemCodes } from '../../shared/dataset/problem-codes'
import type { ImportProblem, ProblemDecision } from '../../shared/dataset/records'
import { showPath } from '../../shared/image-errors'
import type { ImportCounts } from './checked-records'

export interface ReportOptions {
  /** Problems that are kept for each code. Default 20. */
  readonly examples?: number
  /** Takes every problem as one line of JSON, with its line end: what the report itself cannot keep. */
  readonly spill?: (line: string) => void
}

/** Problems of one code and decision. */
export interface ProblemGroup {
  readonly code: string
  /** What the code means, in one sentence; null for a code of somebody else's plug-in. */
  readonly meaning: string | null
  readonly decision: ProblemDecision
  readonly count: number
  /** The first of them. */
  readonly examples: readonly ImportProblem[]
}

/** Beyond this many different codes, which only a broken plug-in makes, further ones are counted together. */
const mostGroups = 1_000
const columns = ['decision', 'code', 'file', 'line', 'record', 'offset', 'message'] as const

/** Gathers what an import tells. Memory is bounded: counts by code, and the first few of each. */
export class ImportReport {
  readonly #examples: number
  readonly #spill: ((line: string) => void) | undefined
  readonly #groups = new Map<string, { count: number; readonly examples: ImportProblem[] }>()
  #counts: ImportCounts | undefined

  constructor(options: ReportOptions = {}) {
    this.#examples = options.examples ?? 20
    this.#spill = options.spill
  }

  add(problem: ImportProblem): void {
    const full = `${problem.code} ${problem.decision}`
    const known = this.#groups.has(full) || this.#groups.size < mostGroups
    const key = known ? full : `E_OTHER ${problem.decision}`
    let group = this.#groups.get(key)
    if (group === undefined) this.#groups.set(key, (group = { count: 0, examples: [] }))
    group.count++
    if (group.examples.length < this.#examples) group.examples.push(problem)
    this.#spill?.(`${JSON.stringify(problem)}\n`)
  }

  /** The counts of the `end` record. */
  finish(counts: ImportCounts): void {
    this.#counts = counts
  }

  /** What was left out first, then what was accepted with a warning; the most frequent first. */
  groups(): readonly ProblemGroup[] {
    return [...this.#groups]
      .map(([key, { count, examples }]) => {
        const code = key.slice(0, key.indexOf(' '))
        // Written by add(), from a problem's decision.
        const decision = key.slice(key.indexOf(' ') + 1) as ProblemDecision
        return { code, meaning: problemCodes.get(code) ?? null, decision, count, examples }
      })
      .sort(
        (a, b) =>
          order.indexOf(a.decision) - order.indexOf(b.decision) ||
          b.count - a.count ||
          (a.code < b.code ? -1 : 1),
      )
  }

  /** Codes with counts and examples; same problems, same text. */
  toJson(): string {
    return `${JSON.stringify({ counts: this.#counts ?? null, problems: this.groups() }, null, 2)}\n`
  }

  /** The kept examples, one a row. */
  toCsv(): string {
    const rows = this.groups().flatMap(({ examples }) =>
      examples.map((problem) => columns.map((column) => cell(problem[column])).join(',')),
    )
    return [columns.join(','), ...rows, ''].join('\r\n')
  }
}

const order: readonly ProblemDecision[] = ['skip-file', 'skip-record', 'accept-with-warning']
/** Cells that a spreadsheet would run are marked with an apostrophe. */
const cell = (value: string | number | undefined) =>
  value === undefined ? '' : quoteCell(guardCell(showPath(String(value))))

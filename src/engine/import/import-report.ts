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
      .map(([key, { count, examples }]) => ({
        code: key.slice(0, key.indexOf(' ')),
        // Written by add(), from a problem's decision.
        decision: key.slice(key.indexOf(' ') + 1) as ProblemDecision,
        count,
        examples,
      }))
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

  /** The kept examples, one a row. Cells that a spreadsheet would run are marked with an apostrophe. */
  toCsv(): string {
    const rows = this.groups().flatMap(({ examples }) =>
      examples.map((problem) => columns.map((column) => cell(problem[column])).join(',')),
    )
    return [columns.join(','), ...rows, ''].join('\r\n')
  }

  /** One line for each code, for people. */
  lines(): readonly string[] {
    return this.groups().map(({ code, decision, count, examples }) => {
      const [first] = examples
      const place = first === undefined ? '' : `, first in ${placeOf(first)}: ${first.message}`
      return `${count.toLocaleString('en')} x ${code} (${said[decision]})${showPath(place)}`
    })
  }
}

const order: readonly ProblemDecision[] = ['skip-file', 'skip-record', 'accept-with-warning']
const said: Readonly<Record<ProblemDecision, string>> = {
  'skip-file': 'file left out',
  'skip-record': 'record left out',
  'accept-with-warning': 'imported',
}

function placeOf({ file, line, record, offset }: ImportProblem): string {
  if (line !== undefined) return `${file}, line ${line}`
  if (record !== undefined) return `${file}, record ${record}`
  return offset === undefined ? file : `${file}, byte ${offset}`
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return ''
  const text = showPath(String(value))
  const safe = /^[=+\-@]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

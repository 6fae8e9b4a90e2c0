import { expect } from 'vitest'
import { importers } from '../../../src/datasets'
import type { CheckedRecord, ImportCounts } from '../../../src/engine/import/checked-records'
import type { ImportSource } from '../../../src/engine/import/import-source'
import { importRecords, type ImportOptions } from '../../../src/engine/import/import-records'
import type { ImportProblem } from '../../../src/shared/dataset/records'
import { AppError } from '../../../src/shared/errors'

export interface ImportResult {
  readonly records: readonly CheckedRecord[]
  readonly problems: readonly ImportProblem[]
  readonly counts: ImportCounts | null
  /** What refused the import. */
  readonly refusal: AppError | null
}

/** A whole import with a format's importer; what refuses it is part of the answer, and anything but an AppError fails. */
export async function runImport(
  open: ImportSource | (() => Promise<ImportSource>),
  format: string,
  params: object = {},
  options: ImportOptions = {},
): Promise<ImportResult> {
  const importer = importers.get(format)
  if (!importer) throw new Error(`there is no importer ${format}`)
  const records: CheckedRecord[] = []
  let refusal: AppError | null = null
  let source: ImportSource | undefined
  try {
    source = typeof open === 'function' ? await open() : open
    const settings = importer.params.parse(params)
    for await (const record of importRecords(source, importer, settings, options)) {
      records.push(record)
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    refusal = error
  } finally {
    source?.close()
  }
  const problems = records.flatMap((record) => (record.kind === 'problem' ? [record.problem] : []))
  const last = records.at(-1)
  const counts = last?.kind === 'end' ? last.counts : null
  expect(refusal === null).toBe(counts !== null)
  return { records, problems, counts, refusal }
}

interface Expected {
  readonly decision: string
  readonly code: string | null
  readonly or_code?: string | undefined
}

/** Decision and code are exactly those; `besides` are warnings that the same file rightly gets as well. */
export function expectDecision(
  { refusal, problems }: ImportResult,
  { decision, code, or_code }: Expected,
  besides: readonly string[] = [],
): void {
  const codes = [code, or_code]
  if (decision === 'refuse-import') {
    expect(refusal?.code).toBeOneOf(codes)
    return
  }
  if (refusal !== null) throw refusal
  const own = problems.filter((problem) => !besides.includes(problem.code))
  if (decision === 'accept') {
    expect(own).toEqual([])
    return
  }
  expect(own.length).toBeGreaterThan(0)
  for (const problem of own) {
    expect(problem.code).toBeOneOf(codes)
    expect(problem.message.length).toBeGreaterThan(10)
    expect(problem.message).not.toMatch(/[\n\r\0]/)
    if (problem.code === code) expect(problem.decision).toBe(decision)
  }
}

import { z } from 'zod'
import type { JsonValue } from '../shared/dataset'
import { AppError, type ErrorRecord, toErrorRecord } from '../shared/errors'
import type { CaseKind } from './case-kind'

/** What a method's `cases.ts` exports: its name in files of cases, and what it does with each kind of case. */
interface MethodCases {
  readonly method: string
  readonly kinds: Readonly<Record<string, CaseKind>>
}

export type CaseAnswer =
  | { readonly id: string; readonly result: JsonValue }
  | { readonly id: string; readonly error: ErrorRecord }

const methods: ReadonlyMap<string, MethodCases['kinds']> = new Map(
  Object.values(import.meta.glob<MethodCases>('./*/cases.ts', { eager: true })).map(
    ({ method, kinds }) => [method, kinds],
  ),
)

const documentSchema = z.looseObject({
  method: z.string(),
  cases: z.array(z.unknown()),
})
const caseSchema = z.looseObject({
  id: z.string(),
  kind: z.string(),
  input: z.unknown(),
})

/**
 * Runs every case of a document of certificate cases (`certificate-vectors/1`): reads `method`, and of each case `id`,
 * `kind` and `input`. Numbers that JSON has no word for are given as text, "Infinity", "-Infinity" or "NaN". A case that
 * cannot be run gets its error (E_CASE_KIND, E_CASE_INPUT) in place of a result, and the rest go on.
 * @throws AppError E_CASES_INVALID where the document has no method or no cases
 */
export function runCases(document: unknown): CaseAnswer[] {
  const parsed = documentSchema.safeParse(document)
  if (!parsed.success) throw casesInvalid(reasonOf(parsed.error))
  const { method, cases } = parsed.data
  return cases.map((entry, at) => answerTo(entry, at, method))
}

function answerTo(entry: unknown, at: number, method: string): CaseAnswer {
  const parsed = caseSchema.safeParse(entry)
  if (!parsed.success) {
    const id = idOf(entry, at)
    return { id, error: toErrorRecord(caseInput(id, method, '?', reasonOf(parsed.error))) }
  }
  const { id, kind, input } = parsed.data
  const kinds = methods.get(method)
  const run = kinds !== undefined && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
  if (run === undefined) {
    return { id, error: toErrorRecord(caseKindUnknown(id, method, kind, kinds)) }
  }
  try {
    // What JSON.parse gave is a JSON value; the kind's own schema checks its shape.
    return { id, result: withoutSpecialNumbers(run((input ?? null) as JsonValue)) }
  } catch (cause) {
    if (!(cause instanceof z.ZodError || cause instanceof AppError || cause instanceof RangeError))
      throw cause
    return { id, error: toErrorRecord(caseInput(id, method, kind, reasonOf(cause))) }
  }
}

function withoutSpecialNumbers(value: JsonValue): JsonValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map(withoutSpecialNumbers)
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, withoutSpecialNumbers(entry)]),
  )
}

/** Array.isArray does not narrow a read-only list. */
const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value)

function idOf(entry: unknown, at: number): string {
  const id = typeof entry === 'object' && entry !== null && 'id' in entry ? entry.id : undefined
  return typeof id === 'string' ? id : `case ${at + 1}`
}

function reasonOf(error: Error): string {
  if (!(error instanceof z.ZodError)) return error.message
  const issue = error.issues[0]
  const path = issue?.path.map(String).join('.') ?? ''
  return path === '' ? (issue?.message ?? 'invalid') : `${path}: ${issue?.message ?? 'invalid'}`
}

const casesInvalid = (reason: string) =>
  new AppError(
    'E_CASES_INVALID',
    `this is no document of certificate cases: ${reason}`,
    'It needs "method" and "cases", and each case id, kind and input.',
  )

const caseKindUnknown = (
  id: string,
  method: string,
  kind: string,
  kinds: MethodCases['kinds'] | undefined,
) =>
  new AppError(
    'E_CASE_KIND',
    `case ${id}: there is no kind "${kind}" of method "${method}"`,
    kinds === undefined
      ? `Methods are ${[...methods.keys()].sort().join(', ')}.`
      : `Its kinds are ${Object.keys(kinds).join(', ')}.`,
  )

const caseInput = (id: string, method: string, kind: string, reason: string) =>
  new AppError(
    'E_CASE_INPUT',
    `case ${id} (method ${method}, kind ${kind}) cannot be run: ${reason}`,
    'Correct its input; all other cases were run.',
  )

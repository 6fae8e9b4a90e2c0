import { readFile } from 'node:fs/promises'
import { type CaseAnswer, runCases } from '../certificates/cases'
import { reasonOf } from '../engine/files/read-file'
import { AppError } from '../shared/errors'

export interface CertifiedCases {
  /** JSON: a list of {id, result}, in the order of the cases; {id, error} where a case could not be run. */
  readonly text: string
  readonly answers: readonly CaseAnswer[]
}

/**
 * Runs every case of a file of certificate cases (`certificate-vectors/1`).
 * @throws AppError E_CASES_UNREADABLE, E_CASES_INVALID
 */
export async function certifyCases(path: string): Promise<CertifiedCases> {
  const answers = runCases(await readJson(path))
  // One case per line, so that two runs can be compared by line.
  const lines = answers.map((answer) => JSON.stringify(answer))
  return { text: lines.length === 0 ? '[]\n' : `[\n${lines.join(',\n')}\n]\n`, answers }
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? 'it is not JSON' : reasonOf(cause)
    throw new AppError(
      'E_CASES_UNREADABLE',
      `cannot read the cases ${path}: ${reason}`,
      'Check the path after --cases.',
      { cause },
    )
  }
}

import { AppError } from '../../shared/errors'
import { errorCode, reasonOf } from '../files/read-file'
import { hostOf, showAddress, SilenceError } from './http-get'
import { downloadCut, downloadOffline, downloadStatus, downloadTimeout } from './pull-errors'

/** An answer that is not the file. */
export class StatusError extends Error {
  readonly status: number
  readonly reason: string
  /** What the server asks for, 0 where it does not. */
  readonly waitMs: number

  constructor(status: number, reason: string, waitMs: number) {
    super(`${status} ${reason}`)
    this.status = status
    this.reason = reason
    this.waitMs = waitMs
  }
}

export interface Judgement {
  readonly fault: AppError
  /** Whether the same request may succeed a moment later. */
  readonly isPassing: boolean
  readonly waitMs: number
}

/** What went wrong with a request, and whether it is worth another try. */
export function judge(error: unknown, address: string): Judgement {
  const shown = showAddress(address)
  const final = (fault: AppError): Judgement => ({ fault, isPassing: false, waitMs: 0 })
  const passing = (fault: AppError, waitMs = 0): Judgement => ({ fault, isPassing: true, waitMs })
  if (error instanceof AppError) return final(error)
  if (error instanceof StatusError) {
    const { status, reason, waitMs } = error
    const fault = downloadStatus(shown, status, reason)
    return status >= 500 || status === 429 || status === 408 ? passing(fault, waitMs) : final(fault)
  }
  if (error instanceof SilenceError) return passing(downloadTimeout(shown, error.message))
  const code = errorCode(error)
  if (unreachable[code] !== undefined) {
    return final(downloadOffline(hostOf(address), unreachable[code], error))
  }
  if (broken.has(code)) return passing(downloadCut(shown, broken.get(code) ?? code, error))
  // What is left is nearly always TLS: an unknown authority, an expired certificate.
  return final(downloadOffline(hostOf(address), reasonOf(error), error))
}

/** Trying again at once does not help: the machine is offline, or the name is wrong. */
const unreachable: Readonly<Record<string, string | undefined>> = {
  ENOTFOUND: 'its name is not known (no network?)',
  EAI_AGAIN: 'names cannot be looked up (no network?)',
  ECONNREFUSED: 'it refuses the connection',
  ENETUNREACH: 'there is no network',
  EHOSTUNREACH: 'there is no way to it',
  ERR_PROXY_TUNNEL: 'the proxy refused',
}

const broken: ReadonlyMap<string, string> = new Map([
  ['ECONNRESET', 'the server closed it'],
  ['ECONNABORTED', 'it was closed'],
  ['EPIPE', 'the server closed it'],
  ['ETIMEDOUT', 'nothing came'],
  ['HPE_INVALID_CONSTANT', 'the answer was not HTTP'],
])

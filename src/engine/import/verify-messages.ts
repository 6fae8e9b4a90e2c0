import type { ErrorRecord } from '../../shared/errors'
import type { ImageWarning } from '../../shared/image-errors'

export interface VerifyLimits {
  /** For one picture. */
  readonly seconds: number
  /** Resident memory of the decoding process. */
  readonly memoryBytes: number
  readonly maxPixels: number
}

export interface ToVerifier {
  readonly bytes: Uint8Array
  readonly name: string
  readonly limits: VerifyLimits
}

export type FromVerifier =
  /** The process has started; the first message of all. */
  | { readonly type: 'ready' }
  | { readonly type: 'sound'; readonly warnings: readonly ImageWarning[] }
  | { readonly type: 'fault'; readonly error: ErrorRecord }
  /** The process takes too much memory and ends. */
  | { readonly type: 'memory' }

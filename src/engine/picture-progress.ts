import type { CertificateRecord } from '../shared/certificate-record'
import type { TallyState } from '../shared/plugin'

/** How far the work on one picture is, where that takes long. */
export interface PictureProgress {
  readonly done: number
  readonly total: number
  /** What is counted, such as `samples`. */
  readonly unit: string
  /** What a later attempt at the same picture can go on from; told now and then. */
  readonly partial?: PartialCertificates
}

/** Certificates of one picture that were cut off. Plain data that survives JSON. */
export interface PartialCertificates {
  /** Of the picture; another content begins anew. */
  readonly sha256: string
  /** Of the subjects before the one under way: those outside of the picture have none. */
  readonly certificates: readonly CertificateRecord[]
  /** Which of the picture's subjects is under way. */
  readonly subject: number
  /** What of it is counted. */
  readonly state: TallyState
}

const TELL_EVERY_MS = 500
/** A tally may hold a number for each of 100,000 samples. */
const KEEP_EVERY_MS = 3_000

/** Passes on a few of many steps: a batch of samples may take a millisecond. */
export function someSteps(
  tell: (progress: PictureProgress) => void,
  clock: () => number = () => performance.now(),
) {
  let toldAt = clock()
  // The first that is told is kept too.
  let keptAt = toldAt - KEEP_EVERY_MS
  return (progress: PictureProgress, partial?: () => PartialCertificates): void => {
    const now = clock()
    if (now - toldAt < TELL_EVERY_MS) return
    toldAt = now
    const isKept = partial !== undefined && now - keptAt >= KEEP_EVERY_MS
    if (isKept) keptAt = now
    tell(isKept ? { ...progress, partial: partial() } : progress)
  }
}

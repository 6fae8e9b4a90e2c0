export type FaultKind = 'unknown' | 'unsupported' | 'corrupt' | 'truncated' | 'timeout'

/** What is wrong with the bytes of a picture; whoever knows the file's name makes an `AppError` of it. */
export class ImageFault extends Error {
  readonly kind: FaultKind
  /** Ends the sentence "… is damaged: ", "… ends early: " or "… is "; undefined if nothing more is known. */
  readonly reason: string | undefined

  constructor(kind: FaultKind, reason?: string) {
    super(reason ?? kind)
    this.name = 'ImageFault'
    this.kind = kind
    this.reason = reason
  }
}

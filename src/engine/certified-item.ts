import type { CertificateRecord } from '../shared/certificate-record'
import { AppError } from '../shared/errors'
import { showPath } from '../shared/image-errors'
import type { RunContext } from '../shared/plugin'
import type { RgbImage } from '../shared/vision'
import type { PictureProgress } from './picture-progress'
import type { VisionItem } from './vision-job'

/** What of a picture of a job matters to its certificates. */
export type CertifiedItem = Pick<VisionItem, 'path' | 'subjects' | 'subjectsOf' | 'partial'>

export interface OpenedCertification {
  readonly classNames: readonly string[]
  process(
    item: CertifiedItem,
    decoded: { readonly image: RgbImage; readonly sha256: string },
    run: RunContext,
    newRun: () => RunContext,
    tell: (progress: PictureProgress) => void,
  ): Promise<{
    readonly detections: readonly []
    readonly certificates: readonly CertificateRecord[]
  }>
}

/** @throws AppError E_FILE_CHANGED */
export function requireSame(
  { path, subjectsOf }: Pick<VisionItem, 'path' | 'subjectsOf'>,
  sha256: string,
) {
  if (subjectsOf === undefined || subjectsOf === sha256) return
  throw new AppError(
    'E_FILE_CHANGED',
    `${showPath(path)} has changed since its boxes were found`,
    'Run the detector again and certify the new run.',
  )
}

import {
  certifySample,
  type ObjectSeekerCertificateParams,
} from '../defenses/masking/objectseeker-certificate'
import type { CertifiedImage } from '../defenses/masking/certified-recall'
import type { KnownObject } from '../defenses/masking/hidden-margins'
import type { PatchSize } from '../defenses/masking/patch-places'
import { parsePatchSize } from '../defenses/masking/patch-size'
import type { Certificate } from '../shared/plugin'
import { openDetector } from './detector'
import { decodeImage } from './images/decode-image'
import { openModelStore } from './models/model-store'
import { createModelHost } from './models/sessions'
import { createRunContext } from './run-context'
import type { Locations } from './vision-job'

export interface MaskedCertification {
  readonly locations: Locations
  /** Id or ONNX file. */
  readonly detector: string
  readonly scoreThreshold?: number
  readonly settings: ObjectSeekerCertificateParams
  /** As people write it: `2%`, `64`, `64x32`. */
  readonly patch: string
  readonly threads: number
  readonly signal: AbortSignal
  readonly progress?: (done: number, total: number) => void
}

export interface CertifiedPicture extends CertifiedImage {
  readonly sha256: string
  readonly patch: PatchSize
  /** The objects that the certificates speak of, in order: the known ones, or what the bare detector shows. */
  readonly known: readonly KnownObject[]
  readonly certificates: readonly Certificate[]
  readonly warnings: readonly string[]
}

/** A detector opened for certificates of ObjectSeeker, one picture at a time, in this process. */
export interface MaskedCertifier {
  readonly classNames: readonly string[]
  /** For the certificates: they are stale once either digest, of model or picture, is another. */
  readonly model: { readonly id: string; readonly sha256: string }
  /**
   * Without `objects`, those that the bare detector shows are certified, as if the picture were clean.
   * @throws AppError whatever is wrong with the picture; E_PATCH_SIZE
   */
  certify(path: string, objects?: readonly KnownObject[]): Promise<CertifiedPicture>
  release(): Promise<void>
}

/** @throws AppError whatever is wrong with the model */
export async function openMaskedCertifier(order: MaskedCertification): Promise<MaskedCertifier> {
  const { signal, settings } = order
  const store = await openModelStore(order.locations)
  const models = createModelHost({ store, threads: order.threads, signal })
  const detector = await openDetector(order.detector, models, order.scoreThreshold)
  const { card } = await models.load(order.detector)
  return {
    classNames: detector.classNames,
    model: { id: card.id, sha256: card.sha256 },
    async certify(path, objects) {
      const decoded = await decodeImage(path, { name: path })
      const { image, sha256 } = decoded
      const warnings = decoded.warnings.map(({ code, message }) => `${code} ${message}`)
      const newRun = () =>
        createRunContext({ signal, seed: 0, digest: sha256, warn: (text) => warnings.push(text) })
      const patch = parsePatchSize(order.patch, image)
      const known =
        objects ??
        (await detector.detect(image, newRun())).map(({ box, classId }) => ({ box, classId }))
      const run = { ...newRun(), ...(order.progress ? { progress: order.progress } : {}) }
      const sample = { name: path, image, objects: known }
      const certified = await certifySample(detector, sample, { patch }, settings, run)
      const frame = { width: image.width, height: image.height }
      return { sha256, patch, known, frame, ...certified, warnings }
    },
    async release() {
      await models.release()
    },
  }
}

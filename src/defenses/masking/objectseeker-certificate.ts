import { z } from 'zod'
import {
  type Certificate,
  defineCertificate,
  type Detector,
  type LabeledImage,
  type PatchThreat,
  type RunContext,
  type Threat,
} from '../../shared/plugin'
import { maskBounds } from '../../shared/vision'
import { certifyObjects, type ObjectCertificate } from './certify-objects'
import type { HiddenMargins } from './hidden-margins'
import { detectMasked } from './masked-detections'
import { objectSeekerParams } from './objectseeker-settings'
import { type PatchPlace, patchPlaces } from './patch-places'
import { assertPatch } from './patch-size'

const params = z.object({
  ...objectSeekerParams.shape,
  place: z
    .enum(patchPlaces)
    .default('anywhere')
    .describe('Where the patch is that "certified" speaks of; all four places are told'),
  overlap: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('Share of the object that a box must cover beyond, whatever the patch does'),
})

export type ObjectSeekerCertificateParams = z.output<typeof params>

export interface CertifiedSample {
  /** One for each object, in order. */
  readonly certificates: readonly Certificate[]
  /** What they rest on, for certified recall at other sizes. */
  readonly objects: readonly ObjectCertificate[]
}

/**
 * Takes the detector as it is, not the defended one. With a `PatchThreat` a certificate is about every place of
 * `settings.place`; with a `Threat` about the pixels of its region alone, changed in any way.
 * @throws AppError E_PATCH_SIZE
 */
export async function certifySample(
  detector: Detector,
  sample: LabeledImage,
  threat: Threat | PatchThreat,
  settings: ObjectSeekerCertificateParams,
  run: RunContext,
): Promise<CertifiedSample> {
  const patch = 'patch' in threat ? threat.patch : { width: 1, height: 1 }
  assertPatch(patch)
  const answers = await detectMasked(detector, sample.image, settings, run)
  const objects = await run.stage('certify', () =>
    certifyObjects(sample.objects, answers, sample.image, settings, patch, settings.overlap),
  )
  const speaker = speakerFor(threat, sample, settings, detector.classNames)
  return { objects, certificates: objects.map((object, index) => speaker(object, index)) }
}

/** `certifySample` as a plug-in. */
export const objectSeekerCertificate = defineCertificate({
  id: 'objectseeker',
  name: 'ObjectSeeker',
  summary: 'Proves which objects of a clean picture no patch can hide from the defended detector.',
  reference:
    'Xiang, Valtchanov, Mahloujifar, Mittal, ObjectSeeker, IEEE S&P 2023 (arXiv 2202.01811)',
  defenseId: 'objectseeker',
  params,
  async certify(detector, sample, threat, settings, run) {
    return (await certifySample(detector, sample, threat, settings, run)).certificates
  },
})

function speakerFor(
  threat: Threat | PatchThreat,
  { image, objects }: LabeledImage,
  settings: ObjectSeekerCertificateParams,
  classNames: readonly string[],
): (certificate: ObjectCertificate, index: number) => Certificate {
  const where =
    'patch' in threat
      ? `one patch of any shape within ${threat.patch.width}x${threat.patch.height} pixels, ${placeText[settings.place]}`
      : 'any change of the pixels of the given region'
  return ({ margins, certified, largestSide }, index) => {
    const { box = [0, 0, 0, 0], classId = 0 } = objects[index] ?? {}
    const isCertified = 'patch' in threat ? certified[settings.place] : isHidden(threat, margins)
    const name = classNames[classId] ?? `class ${classId}`
    const kept = settings.classAware ? `a box of the class ${name}` : 'a box of some class'
    const place = box.map((side) => Math.round(side)).join(', ')
    return {
      method: 'objectseeker',
      statement: isCertified
        ? `If this picture is clean, ${kept} overlaps the object at [${place}] whatever ${where} does.`
        : `Not proven: ${where} may hide the object (${name}) at [${place}].`,
      threat: where,
      certified: isCertified,
      radius: largestSide[settings.place],
      unit: `pixels, side of the largest square patch, ${placeText[settings.place]}`,
      assumptions: assumptions(settings, image),
      details: {
        ...certified,
        largestFar: largestSide.far,
        largestNear: largestSide.near,
        largestOver: largestSide.over,
        largestAnywhere: largestSide.anywhere,
      },
    }
  }
}

const placeText: Readonly<Record<PatchPlace, string>> = {
  far: 'farther from the object than a tenth of the picture',
  near: 'beside the object, within a tenth of the picture',
  over: 'touching the object',
  anywhere: 'anywhere',
}

/** True if one mask hides the whole region and the object is seen nevertheless. */
function isHidden({ region }: Threat, margins: HiddenMargins): boolean {
  if (!margins.isSeen) return false
  const bounds = maskBounds(region)
  if (bounds === null) return true
  const [left, top, right, bottom] = bounds
  return (
    bottom <= margins.top || top >= margins.bottom || right <= margins.left || left >= margins.right
  )
}

function assumptions(
  settings: ObjectSeekerCertificateParams,
  { width, height }: LabeledImage['image'],
): string[] {
  const covered =
    settings.overlap === 0 ? 'some of the object' : `more than ${settings.overlap} of the object`
  return [
    'The picture is clean and its objects are known; nothing follows for a picture that may already be attacked.',
    `All changed pixels lie in one such rectangle of the decoded picture of ${width}x${height}; saving it as JPEG afterwards changes more.`,
    'The detector gives the same answer whenever it is given the same picture.',
    `The defended detector runs with the same settings (${settings.lines} lines); its box covers ${covered}, more is not promised, and other boxes may appear.`,
  ]
}

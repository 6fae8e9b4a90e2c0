import type { ObjectCertificate } from './certify-objects'
import type { Frame } from './hidden-margins'
import { type PatchPlace, patchPlaces, squarePatch } from './patch-places'

/** The certificates of the objects of one picture. */
export interface CertifiedImage {
  readonly frame: Frame
  readonly objects: readonly Pick<ObjectCertificate, 'largestSide'>[]
}

export interface CertifiedRecall {
  /** Share of the picture that a square patch covers, 0..1. */
  readonly share: number
  readonly objects: number
  readonly certified: Readonly<Record<PatchPlace, number>>
  /** `certified / objects`; null without objects. */
  readonly recall: Readonly<Record<PatchPlace, number | null>>
}

/**
 * Certified recall over a set of pictures, one entry for each share of `shares`, in order: of all objects, those that no
 * square patch of this share of its picture hides. The largest safe patch of each object is known, so a whole curve costs
 * no more than a point.
 */
export function certifiedRecall(
  images: readonly CertifiedImage[],
  shares: readonly number[],
): CertifiedRecall[] {
  const objects = images.reduce((sum, image) => sum + image.objects.length, 0)
  return shares.map((share) => {
    const certified: Record<PatchPlace, number> = { far: 0, near: 0, over: 0, anywhere: 0 }
    for (const image of images) {
      // A patch of less than a pixel counts as one pixel.
      const side = Math.max(1, squarePatch(image.frame, share).width)
      for (const { largestSide } of image.objects) {
        for (const place of patchPlaces) if (largestSide[place] >= side) certified[place]++
      }
    }
    const recallAt = (place: PatchPlace) => (objects === 0 ? null : certified[place] / objects)
    return {
      share,
      objects,
      certified,
      recall: {
        far: recallAt('far'),
        near: recallAt('near'),
        over: recallAt('over'),
        anywhere: recallAt('anywhere'),
      },
    }
  })
}

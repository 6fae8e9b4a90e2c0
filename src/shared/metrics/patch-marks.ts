import { z } from 'zod'
import type { CocoAnnotation, CocoGroundTruth } from './coco-schema'
import type { Xywh } from './coco-shapes'

/** An adversarial patch that a ground truth tells of. */
export interface PatchMark {
  readonly imageId: number
  readonly box: Xywh
  /** Which patch it is, such as `frc1`; null if unknown. */
  readonly name: string | null
  /** Category that the patch wants detectors to report, by id; null if unknown. */
  readonly target: number | null
}

export interface PatchReading {
  /** The ground truth without patches: they are no objects, and no detector is asked to find them. */
  readonly objects: CocoGroundTruth
  readonly patches: readonly PatchMark[]
  readonly warnings: readonly string[]
}

// What APRICOT adds to COCO. Anything else in these places is passed over.
const extrasSchema = z.object({
  patches: z
    .array(z.object({ id: z.number(), name: z.string().nullish(), adv_target: z.number() }))
    .catch([]),
  annotations: z.array(z.object({ patch_id: z.number().nullish().catch(null) })),
})

/** All targets of APRICOT in copies that count classes from zero. */
const zeroBasedTargets = new Set([0, 16, 26, 32, 43, 52, 63, 72, 77, 84])

/**
 * Takes the patches out of a ground truth: annotations of a category named `adversarial patch`, with the list `patches` of
 * APRICOT where there is one. `document` is what `truth` was parsed from.
 */
export function separatePatches(truth: CocoGroundTruth, document: unknown): PatchReading {
  const isPatch = categoryTest(truth)
  const objects = truth.annotations.filter((annotation) => !isPatch(annotation))
  const kinds = truth.categories.filter(({ name }) => !isPatchName(name))
  if (kinds.length === truth.categories.length) return { objects: truth, patches: [], warnings: [] }

  const extras = extrasSchema.safeParse(document).data
  const warnings: string[] = []
  const known = targetsOf(extras?.patches ?? [], warnings)
  const patches = truth.annotations.flatMap((annotation, i) => {
    const [x, y, width, height] = annotation.bbox ?? []
    if (!isPatch(annotation) || x === undefined || y === undefined) return []
    const own = known.get(extras?.annotations[i]?.patch_id ?? -1)
    return {
      imageId: annotation.image_id,
      box: [x, y, width ?? 0, height ?? 0] as const,
      name: own?.name ?? null,
      target: own?.target ?? null,
    }
  })
  const count = truth.annotations.length - objects.length
  warnings.push(`${count} adversarial patches in the ground truth are not scored as objects`)
  return { objects: { ...truth, categories: kinds, annotations: objects }, patches, warnings }
}

function categoryTest({ categories }: CocoGroundTruth): (annotation: CocoAnnotation) => boolean {
  const ids = new Set(categories.filter(({ name }) => isPatchName(name)).map(({ id }) => id))
  return ({ category_id }) => ids.has(category_id)
}

function isPatchName(name: string | undefined): boolean {
  return name !== undefined && /^adversarial[ _-]patch$/i.test(name.trim())
}

function targetsOf(
  patches: z.infer<typeof extrasSchema>['patches'],
  warnings: string[],
): Map<number, { name: string | null; target: number }> {
  const isZeroBased =
    patches.some(({ adv_target }) => adv_target === 0) ||
    (patches.length > 0 && patches.every(({ adv_target }) => zeroBasedTargets.has(adv_target)))
  if (isZeroBased) {
    warnings.push('W_TARGET_ZERO_BASED: the targets of patches count from zero; one was added')
  }
  return new Map(
    patches.map(({ id, name, adv_target }) => [
      id,
      { name: name ?? null, target: adv_target + (isZeroBased ? 1 : 0) },
    ]),
  )
}

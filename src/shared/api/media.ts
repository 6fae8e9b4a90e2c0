/**
 * Kinds of pictures that an image has. `thumbnail` (256 px), `screen` (at most 1,600 px) and `full` are the original,
 * upright. The others belong to a run or a draft, which their version names: `removed` is the picture that the defense
 * handed to the detector, `probability` is grey (white: sure), `mask-NAME` a mask (white where set, transparent elsewhere).
 */
export const mediaKinds = ['thumbnail', 'screen', 'full', 'removed', 'probability'] as const
export type MediaKind = (typeof mediaKinds)[number]

/** The part of a picture's address that all carriers share: `12/thumbnail?v=9f86d0`. */
export function mediaPath(imageId: number, kind: string, version: string): string {
  return `${imageId}/${encodeURIComponent(kind)}?v=${encodeURIComponent(version)}`
}

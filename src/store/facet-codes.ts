/** The facets by which pictures are counted and found. Stored: never renumbered. */
export const FACET = {
  /** Id of the data set. */
  dataset: 1,
  /** Id of the split. */
  split: 2,
  /** Id of the class of an object in the picture. */
  class: 3,
  /** Id of the label of the whole picture. */
  label: 4,
  /** State of the file, a position in `fileStates`. */
  file: 5,
  /** Position in `patchStatuses`. */
  patchStatus: 6,
  /** 1: has a patch annotation of any status; 0: has none. */
  patch: 7,
  /** Position in `imageStatuses`. */
  status: 8,
  /** 1: an object was certified in some run; 0: a certificate was tried for and not given. */
  certified: 9,
  /** Id of the tag. */
  tag: 10,
} as const

export const fileStates = ['unknown', 'present', 'missing', 'changed'] as const
export type FileState = (typeof fileStates)[number]

export const patchStatuses = ['imported', 'proposed', 'accepted', 'rejected'] as const
export type PatchStatus = (typeof patchStatuses)[number]

export const patchAuthors = ['imported', 'drawn', 'segmenter'] as const
export type PatchAuthor = (typeof patchAuthors)[number]

export const imageStatuses = ['open', 'reviewed', 'excluded'] as const
export type ImageStatus = (typeof imageStatuses)[number]

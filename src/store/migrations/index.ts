import type { Migration } from '../migrate'
import { sql as imagesAndDatasets } from './001-images-and-datasets'
import { sql as annotations } from './002-annotations'
import { sql as facets } from './003-facets'
import { sql as runs } from './004-runs'
import { sql as jobs } from './005-jobs'
import { sql as tagsAndDifferences } from './006-tags-and-differences'

/** All steps of the layout, in order. */
export const migrations: readonly Migration[] = [
  imagesAndDatasets,
  annotations,
  facets,
  runs,
  jobs,
  tagsAndDifferences,
].map((sql, k) => ({ version: k + 1, sql }))

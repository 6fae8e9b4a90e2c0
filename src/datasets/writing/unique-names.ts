import type { DatasetContent } from '../../shared/dataset'
import { withoutEnding } from '../reading/pictures'

/**
 * A name for each image of formats that leave the ending out: the path without it, or the whole path where two images
 * differ in their endings only.
 */
export function stemNames(content: DatasetContent): (file: string) => string {
  const counts = new Map<string, number>()
  for (const { file } of content.images()) {
    const stem = withoutEnding(file).toLowerCase()
    counts.set(stem, (counts.get(stem) ?? 0) + 1)
  }
  return (file) => {
    const stem = withoutEnding(file)
    return counts.get(stem.toLowerCase()) === 1 ? stem : file
  }
}

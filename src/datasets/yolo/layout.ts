import { withoutEnding } from '../reading/pictures'

/**
 * Label file of a picture: the last `/images/` of its path becomes `/labels/`, and the ending `.txt`. A picture below no
 * such folder has its labels beside it.
 */
export function labelNameOf(picture: string): string {
  const parts = picture.split('/')
  const at = parts.lastIndexOf('images', -2)
  if (at >= 0) parts[at] = 'labels'
  return `${withoutEnding(parts.join('/'))}.txt`
}

/** Where labels of a picture may lie, best first. Detectors write those of a run to a folder `labels` beside it. */
export function labelNamesOf(picture: string): readonly string[] {
  const name = labelNameOf(picture)
  if (isBelow(picture, 'images')) return [name]
  const slash = name.lastIndexOf('/') + 1
  return [name, `${name.slice(0, slash)}labels/${name.slice(slash)}`]
}

/** Whether one of the folders in the path has this name. */
export function isBelow(name: string, folder: string): boolean {
  return name.split('/').lastIndexOf(folder, -2) >= 0
}

export function folderOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')))
}

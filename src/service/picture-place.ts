import { join } from 'node:path'
import { diskPath } from '../engine/files/disk-path'
import type { FilePath } from '../engine/files/read-file'
import type { ProjectImage } from '../store'

type Place = Pick<ProjectImage, 'folder' | 'file'>

/** Where the picture lies, as text: absolute, to show, to compare and to name results by. */
export function pathOfPicture({ folder, file }: Place): string {
  return join(folder, file)
}

/** What to open for it: bytes where its name is not UTF-8. */
export function sourceOfPicture(place: Place): FilePath {
  return diskPath(pathOfPicture(place))
}

import type { FileSource } from '../../shared/dataset'
import { splitFolders } from './split-name'

/** A folder in which none of this many first names was found is not asked again. */
const patience = 100

/**
 * Finds the files that the names in an annotation file mean. COCO gives names relative to a folder of pictures that the file
 * does not name. It is looked for in this order, with the annotation file's own folder as `here` and the one above as `up`:
 *
 *   here, here/images, here/data, up, up/images, here/images/SPLIT, up/images/SPLIT, here/SPLIT, up/SPLIT
 *
 * where SPLIT is what the annotation file's name says, such as train2017 and train. The folder that had the last picture is
 * asked first, so that a data set in one place costs one question a picture.
 */
export class PictureNames {
  readonly #files: FileSource
  #folders: string[]
  readonly #default: string
  readonly #misses = new Map<string, number>()

  /** `folder` is where the user says that the pictures are, relative to the root; '' to look for them. */
  constructor(files: FileSource, annotationFile: string, folder: string) {
    this.#files = files
    this.#folders =
      folder === '' ? candidates(annotationFile) : [folderOf(files.resolve(`${folder}/x`))]
    this.#default = this.#folders[0] ?? ''
  }

  /**
   * The name below the root; where no folder has such a file, the name that it has in the first of them.
   * @throws AppError E_PATH_ESCAPES_ROOT, E_PATH_IS_URL, E_PATH_INVALID. Also names that leave the folder of pictures are
   * refused, even where they would still be below the root.
   */
  async find(nameInData: string): Promise<string> {
    const name = this.#files.resolve(nameInData)
    for (const folder of this.#folders) {
      const candidate = join(folder, name)
      if (await this.#files.has(candidate)) {
        this.#found(folder)
        return candidate
      }
      this.#missed(folder)
    }
    return join(this.#folders[0] ?? this.#default, name)
  }

  #found(folder: string): void {
    this.#misses.set(folder, -Infinity) // it has pictures: never given up
    if (this.#folders[0] !== folder) {
      this.#folders = [folder, ...this.#folders.filter((other) => other !== folder)]
    }
  }

  #missed(folder: string): void {
    const misses = (this.#misses.get(folder) ?? 0) + 1
    this.#misses.set(folder, misses)
    if (misses >= patience && folder !== this.#default) {
      this.#folders = this.#folders.filter((other) => other !== folder)
    }
  }
}

function candidates(annotationFile: string): string[] {
  const here = folderOf(annotationFile)
  const around = here === '' ? [''] : [here, folderOf(here)]
  const splits = splitFolders(annotationFile)
  const folders = [
    here,
    join(here, 'images'),
    join(here, 'data'),
    ...around.slice(1),
    ...around.slice(1).map((folder) => join(folder, 'images')),
    ...around.flatMap((folder) => splits.map((split) => join(join(folder, 'images'), split))),
    ...around.flatMap((folder) => splits.map((split) => join(folder, split))),
  ]
  return [...new Set(folders)]
}

const folderOf = (name: string) => name.slice(0, Math.max(0, name.lastIndexOf('/')))

const join = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`)

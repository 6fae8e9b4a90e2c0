import type { FileSource } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { hasPictureEnding, lastPart, PictureIndex, withoutEnding } from '../reading/pictures'
import { decodeUtf8 } from '../reading/utf8'

/** Where an annotation file lies: `base` is the folder that holds `Annotations`, `below` the folder inside that. */
export interface VocPlace {
  readonly base: string
  readonly below: string
  readonly isInAnnotations: boolean
}

export function placeOf(annotation: string): VocPlace {
  const folders = annotation.split('/').slice(0, -1)
  const at = folders.lastIndexOf('Annotations')
  if (at < 0) return { base: folders.join('/'), below: '', isInAnnotations: false }
  return {
    base: folders.slice(0, at).join('/'),
    below: folders.slice(at + 1).join('/'),
    isInAnnotations: true,
  }
}

/** Name of an annotation relative to its `Annotations` folder, without the ending: what lists of splits name. */
export function stemOf(annotation: string): string {
  const { below } = placeOf(annotation)
  return withoutEnding(joined(below, lastPart(annotation)))
}

export function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/')
}

/** The pictures of the root. */
export class VocPictures {
  readonly #files: FileSource
  readonly #names: ReadonlySet<string>
  readonly #index: PictureIndex

  private constructor(files: FileSource, names: ReadonlySet<string>, index: PictureIndex) {
    this.#files = files
    this.#names = names
    this.#index = index
  }

  static async of(files: FileSource, all: readonly string[]): Promise<VocPictures> {
    return new VocPictures(
      files,
      new Set(all.filter(hasPictureEnding)),
      await PictureIndex.of(files),
    )
  }

  /**
   * The picture of an annotation: what `<filename>` names, in the usual folders, else anywhere. Without a file, where it
   * should lie.
   * @throws AppError E_PATH_ESCAPES_ROOT, E_PATH_IS_URL, E_PATH_INVALID
   */
  find(annotation: string, folder: string, filename: string): string {
    const { base, below, isInAnnotations } = placeOf(annotation)
    const name = filename === '' ? withoutEnding(lastPart(annotation)) : filename
    // A name that leaves the data set's own folder is refused, wherever it would lead.
    this.#files.resolve(name, base)
    const places = [
      ...this.#inFolder(base, folder),
      joined(base, 'JPEGImages'),
      joined(base, 'images'),
      base,
    ].flatMap((place) => [place, joined(place, below)])
    const candidates = places.map((place) => this.#files.resolve(name, place))
    const found =
      candidates.find((candidate) => this.#names.has(candidate)) ?? this.#index.find(name)
    if (found !== null) return found
    const home = isInAnnotations ? joined(base, 'JPEGImages') : base
    return this.#files.resolve(hasPictureEnding(name) ? name : `${name}.jpg`, home)
  }

  /** `<folder>` often names a folder of another machine: it is only a hint. */
  #inFolder(base: string, folder: string): readonly string[] {
    if (folder === '') return [base]
    if (/^[\s.\\/]*$/.test(folder)) return []
    try {
      return [this.#files.resolve(folder, base)]
    } catch (error) {
      if (error instanceof AppError) return []
      throw error
    }
  }
}

const maxListBytes = 64 * 2 ** 20

/** Splits by annotation, from `ImageSets/Main/<split>.txt`; lists of single classes and unions of splits tell nothing. */
export async function readSplits(
  files: FileSource,
  all: readonly string[],
): Promise<(annotation: string) => string | null> {
  const splits = new Map<string, string>()
  for (const name of all) {
    const [, base = '', split = ''] = /^(?:(.*)\/)?ImageSets\/Main\/([^/]+)\.txt$/.exec(name) ?? []
    if (split === '' || split === 'trainval' || /_(?:train|val|trainval|test)$/.test(split))
      continue
    const size = await files.size(name)
    if (size === 0 || size > maxListBytes) continue
    const text = decodeUtf8(await files.read(name)) ?? ''
    for (const [line] of text.matchAll(/[^\r\n]+/g)) {
      const key = `${base}:${line.trim()}`
      if (!splits.has(key)) splits.set(key, split)
    }
  }
  return (annotation) => splits.get(`${placeOf(annotation).base}:${stemOf(annotation)}`) ?? null
}

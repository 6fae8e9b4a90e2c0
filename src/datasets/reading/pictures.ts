import type { FileSource } from '../../shared/dataset'

const pictureEnding = /\.(?:jpe?g|png|webp|gif|tiff?|bmp)$/i

/** Whether a file is listed as a picture. What it really is, its bytes decide when it is opened. */
export function hasPictureEnding(name: string): boolean {
  return pictureEnding.test(name)
}

export function withoutEnding(name: string): string {
  return name.replace(/\.[^./]*$/, '')
}

export function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/** All pictures below a root, to be found by the names that annotations use for them. */
export class PictureIndex {
  /** Names by last part without ending, in lower case. */
  readonly #byStem = new Map<string, string[]>()
  readonly #names = new Set<string>()

  static async of(files: FileSource): Promise<PictureIndex> {
    const index = new PictureIndex()
    for await (const name of files.list()) if (hasPictureEnding(name)) index.#add(name)
    return index
  }

  /**
   * The picture that `reference` means: a path with or without ending, of which the folders above may be left out. The
   * closest to the root wins, then the exact case, then the first by name. Null if there is none.
   */
  find(reference: string): string | null {
    const wanted = reference.replaceAll('\\', '/').replace(/^(?:\.?\/)+/, '')
    if (this.#names.has(wanted)) return wanted
    return this.#find(wanted, (name) => name) ?? this.#find(wanted, withoutEnding)
  }

  /** All pictures, sorted by code units. */
  all(): string[] {
    return [...this.#names].sort()
  }

  #add(name: string): void {
    this.#names.add(name)
    const key = stemOf(name)
    const others = this.#byStem.get(key)
    if (others) others.push(name)
    else this.#byStem.set(key, [name])
  }

  #find(wanted: string, form: (name: string) => string): string | null {
    // `b.v2` may be a name without ending or one with the ending `v2`: both places are looked at.
    const keys = new Set([lastPart(wanted).toLowerCase(), stemOf(wanted)])
    const found = [...keys]
      .flatMap((key) => this.#byStem.get(key) ?? [])
      .filter((name) => isTail(form(name).toLowerCase(), wanted.toLowerCase()))
    const rank = (name: string) => [name.split('/').length, isTail(form(name), wanted) ? 0 : 1]
    const [best] = found.sort((a, b) => {
      const [[depthA = 0, caseA = 0], [depthB = 0, caseB = 0]] = [rank(a), rank(b)]
      return depthA - depthB || caseA - caseB || (a < b ? -1 : 1)
    })
    return best ?? null
  }
}

function stemOf(name: string): string {
  return withoutEnding(lastPart(name)).toLowerCase()
}

/** Whether `name` is `wanted`, possibly below further folders. */
function isTail(name: string, wanted: string): boolean {
  return name === wanted || name.endsWith(`/${wanted}`)
}

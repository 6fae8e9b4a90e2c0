import type { FileSource, ImportRecord } from '../../shared/dataset'
import { decodeUtf8 } from './utf8'

/** The list of class names that exporters write beside formats whose objects carry names. */
export const labelsFile = 'labels.txt'

const maxBytes = 4 * 2 ** 20

/** Classes known by name: those of a list first, others when they first occur. A class's id is its name. */
export class NamedClasses {
  readonly #known = new Set<string>()

  /** Yields the classes of `labels.txt` in the root, one name a line; `__ignore__` and `_background_` are no classes. */
  async *fromList(files: FileSource): AsyncGenerator<ImportRecord> {
    if (!(await files.has(labelsFile))) return
    const size = await files.size(labelsFile)
    if (size === 0 || size > maxBytes) return
    const text = decodeUtf8(await files.read(labelsFile))
    for (const [line] of (text ?? '').matchAll(/[^\r\n]+/g)) {
      if (line !== '__ignore__' && line !== '_background_') yield* this.use(line)
    }
  }

  /** In the order in which they became known. */
  names(): readonly string[] {
    return [...this.#known]
  }

  has(name: string): boolean {
    return this.#known.has(name)
  }

  /** Yields the class if it is new. */
  *use(name: string): Generator<ImportRecord> {
    if (this.#known.has(name)) return
    this.#known.add(name)
    yield { kind: 'category', category: { sourceId: name, name } }
  }
}

/** The list as text. Names with line breaks have no place in it; objects carry them all the same. */
export function labelsList(names: readonly string[]): string {
  return names
    .filter((name) => isListable(name))
    .map((name) => `${name}\n`)
    .join('')
}

export function isListable(name: string): boolean {
  return !/[\r\n]/.test(name) && !['', '__ignore__', '_background_'].includes(name)
}

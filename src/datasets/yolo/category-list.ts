import type { ImportRecord } from '../../shared/dataset'
import type { YoloConfig } from './data-yaml'

/** The classes of an import: those that the configuration names or, without one, those that occur. */
export class CategoryList {
  readonly #config: YoloConfig | null
  readonly #seen = new Set<number>()

  constructor(config: YoloConfig | null) {
    this.#config = config
  }

  /** Yields the named classes. */
  *start(): Generator<ImportRecord> {
    const names = [...(this.#config?.names ?? [])].sort(([a], [b]) => a - b)
    for (const [index, name] of names) {
      yield { kind: 'category', category: { sourceId: this.#idOf(index), name } }
    }
  }

  get names(): number | null {
    return this.#config?.names.size ?? null
  }

  /** The id of a class, told before its first use; null for a class that the configuration does not name. */
  *use(index: number): Generator<ImportRecord, string | null> {
    if (this.#config !== null) return this.#config.names.has(index) ? this.#idOf(index) : null
    if (!this.#seen.has(index)) {
      this.#seen.add(index)
      const category = { sourceId: String(index), name: `class ${index}` }
      yield { kind: 'category', category }
    }
    return String(index)
  }

  /** Ids from elsewhere are used only if each class has one of its own. */
  #idOf(index: number): string {
    const { categoryIds, names } = this.#config ?? {}
    const areDistinct = new Set(categoryIds?.values()).size === names?.size
    return areDistinct ? (categoryIds?.get(index) ?? String(index)) : String(index)
  }
}

import type { ApiError, Output } from '../../shared/api'
import { backend } from '../api'

type Entry = Output<'grants.browse'>['entries'][number]
export type PlacePurpose = 'import' | 'export' | 'open-project' | 'new-project'

/** A grant of the chosen place, the wish to send files from the user's own machine, or null: closed. */
export type PlaceChoice = { readonly grant: string } | 'own-files' | null

interface Root {
  readonly id: string
  readonly name: string
}

/** Where the dialog stands below a granted folder. */
interface Place {
  readonly root: Root
  /** Folders below the root, outermost first. */
  readonly folders: readonly string[]
  readonly entries: readonly Entry[]
  readonly isComplete: boolean
}

/**
 * Folders of the service's machine that were granted on its command line: in a browser they take the place of the dialog that
 * the desktop has.
 */
class Places {
  #roots: readonly Root[] = $state.raw([])
  #purpose: PlacePurpose | null = $state.raw(null)
  #place: Place | null = $state.raw(null)
  #error: ApiError | null = $state.raw(null)
  #answer: (choice: PlaceChoice) => void = () => undefined
  #loading: Promise<void> = Promise.resolve()

  /** Granted folders; empty where the service was started without any. */
  get roots(): readonly Root[] {
    return this.#roots
  }
  /** What a place is being chosen for; null while the dialog is closed. */
  get purpose(): PlacePurpose | null {
    return this.#purpose
  }
  /** Null at the list of granted folders. */
  get place(): Place | null {
    return this.#place
  }
  get error(): ApiError | null {
    return this.#error
  }

  /** Done when it is known which folders there are. */
  get loaded(): Promise<void> {
    return this.#loading
  }

  load(): Promise<void> {
    this.#loading = this.#load()
    return this.#loading
  }

  async #load(): Promise<void> {
    const answer = await backend.call('grants.list', {})
    if (!answer.ok) return
    this.#roots = answer.value.grants.filter(
      ({ origin, kind }) => origin === 'command-line' && kind === 'folder',
    )
  }

  /** Opens the dialog; answers when the user has chosen or closed it. */
  choose(purpose: PlacePurpose): Promise<PlaceChoice> {
    this.#answer(null)
    this.#purpose = purpose
    this.#place = null
    this.#error = null
    const [only, ...others] = this.#roots
    if (only && others.length === 0) void this.open(only, [])
    return new Promise((resolve) => {
      this.#answer = resolve
    })
  }

  async open(root: Root, folders: readonly string[]): Promise<void> {
    const answer = await backend.call('grants.browse', {
      grant: root.id,
      folder: folders.join('/'),
    })
    this.#error = answer.ok ? null : answer.error
    if (!answer.ok) return
    const { entries, isComplete } = answer.value
    this.#place = { root, folders, entries, isComplete }
  }

  /** Back to the list of granted folders. */
  leave(): void {
    this.#place = null
    this.#error = null
  }

  /** Takes the folder that is open, or a file or folder in it. */
  async take(name?: string): Promise<void> {
    if (!this.#place) return
    const { root, folders } = this.#place
    const path = [...folders, ...(name === undefined ? [] : [name])].join('/')
    if (path === '') {
      this.end({ grant: root.id })
      return
    }
    const answer = await backend.call('grants.within', { grant: root.id, path })
    if (answer.ok) this.end({ grant: answer.value.grant })
    else this.#error = answer.error
  }

  end(choice: PlaceChoice): void {
    this.#purpose = null
    this.#answer(choice)
    this.#answer = () => undefined
  }
}

export const places = new Places()

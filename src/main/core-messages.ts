import type { ErrorRecord } from '../shared/errors'
import type { Grant } from '../shared/desktop'

// What the main process and the core tell each other over the port that a utility process is born with. Both ends are
// of the same build. Pages speak to the core over ports of their own, which pass through here once.

/** A grant with what is behind it; this is the one place where a granted path crosses a process border. */
export interface GrantRecord extends Grant {
  /** Real paths, links resolved; one unless the kind is `files`. */
  readonly paths: readonly string[]
  readonly origin: 'dialog' | 'drop'
  readonly writable: boolean
}

/** A recent project, as the menu shows it. */
export interface RecentEntry {
  readonly id: string
  readonly name: string
}

export type MediaAnswer =
  | {
      readonly status: 200
      readonly contentType: string
      readonly bytes: Uint8Array
      readonly file?: undefined
    }
  | {
      readonly status: 200
      readonly contentType: string
      readonly file: string
      readonly bytes?: undefined
    }
  | { readonly status: 400 | 404 | 415 | 500 | 503; readonly contentType?: undefined }

/** Name of a program beside the core's own, such as `worker`; anything else is not started. */
export const workerProgram = /^[a-z][a-z-]{0,30}$/

export type ToCore =
  /** With one port: a page connects. */
  | { readonly kind: 'connect' }
  | { readonly kind: 'grant'; readonly grant: GrantRecord }
  | { readonly kind: 'media'; readonly request: number; readonly path: string }
  | { readonly kind: 'cancel-media'; readonly request: number }
  /** With one port, the other end of which the worker has. */
  | { readonly kind: 'worker-started'; readonly worker: number; readonly pid: number | undefined }
  | {
      readonly kind: 'worker-ended'
      readonly worker: number
      readonly reason: string
      readonly lastWords: string
    }
  | { readonly kind: 'stop' }

export type FromCore =
  | { readonly kind: 'beat' }
  | { readonly kind: 'ready' }
  /** The core cannot run, and trying again will not help: the project is in use, say. */
  | { readonly kind: 'refused'; readonly error: ErrorRecord }
  | { readonly kind: 'grant-taken'; readonly id: string }
  /** For the menu: when the core is ready, and whenever another project was opened. */
  | { readonly kind: 'recent'; readonly projects: readonly RecentEntry[] }
  | { readonly kind: 'media'; readonly request: number; readonly answer: MediaAnswer }
  | { readonly kind: 'start-worker'; readonly worker: number; readonly program: string }
  | { readonly kind: 'end-worker'; readonly worker: number }

import type { z } from 'zod'
import type { events } from './events'
import type { procedures } from './index'
import type { ApiError } from './values'

export type ProcedureName = keyof typeof procedures
/** As it is sent: fields with defaults may be left out. */
export type Input<N extends ProcedureName> = z.input<(typeof procedures)[N]['input']>
/** As the handler gets it. */
export type ParsedInput<N extends ProcedureName> = z.output<(typeof procedures)[N]['input']>
export type Output<N extends ProcedureName> = z.output<(typeof procedures)[N]['output']>

export type EventName = keyof typeof events
export type EventData<E extends EventName> = z.output<(typeof events)[E]['data']>

/** Faults are answers, not exceptions: every carrier can bring them. */
export type Answer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ApiError }

/** What the renderer sees of the core. */
export interface Backend {
  /**
   * Calls a procedure. `E_INPUT_INVALID` if the input does not fit its schema, `E_CANCELLED` after `signal` aborted,
   * `E_BACKEND_GONE` where the core cannot be reached. Never rejects.
   */
  call<N extends ProcedureName>(
    name: N,
    input: Input<N>,
    signal?: AbortSignal,
  ): Promise<Answer<Output<N>>>
  /** Answers a function that ends the subscription. */
  subscribe<E extends EventName>(event: E, listener: (data: EventData<E>) => void): () => void
  /** Address of a picture: see media.ts for the kinds; `version` comes with the data that names it. */
  mediaUrl(imageId: number, kind: string, version: string): string
}

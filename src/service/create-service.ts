import {
  procedures,
  type Answer,
  type Backend,
  mediaPath,
  type Output,
  type ProcedureName,
} from '../shared/api'
import { AppError, toErrorRecord } from '../shared/errors'
import { handlers } from './api/handlers'
import type { Handler } from './api/handler'
import { closeContext, openContext, type Context, type ServiceOptions } from './context'
import type { GrantOrigin, PlaceGrant } from './grants'
import { linkedTo } from './linked-abort'
import { Media, type MediaAnswer } from './media'

/**
 * The core of Patchwarden: one project, everything that can be asked of it, and everything that it tells. Carriers
 * (message port, HTTP) and the command line call it; a direct call is a carrier, too.
 */
export interface Service extends Backend, AsyncDisposable {
  readonly context: Context
  /** For callers that got the input from outside: the name may be anything, and the input is checked. */
  answer(name: string, input: unknown, signal: AbortSignal): Promise<Answer<unknown>>
  /** A picture by its address: `12/thumbnail?v=…`. */
  media(path: string, signal: AbortSignal): Promise<MediaAnswer>
  /** For the process that shows dialogs: turns a path that the user chose into a grant. @throws AppError E_GRANT_REFUSED */
  grant(path: string, origin: GrantOrigin): PlaceGrant
  /** Takes over a grant with its id. */
  takeGrant(grant: PlaceGrant): void
  /** Cancels what runs, stores what is done, lets go of the project. */
  close(): Promise<void>
}

/** @throws AppError as `openProject`, and E_GRANT_REFUSED for a folder that is not there */
export async function createService(options: ServiceOptions): Promise<Service> {
  const context = await openContext(options)
  const media = new Media(context)
  const open = new Set<AbortController>()
  const answer = async (name: string, input: unknown, signal: AbortSignal) => {
    const controller = linkedTo(signal)
    open.add(controller)
    try {
      return await answerCall(context, name, input, controller.signal)
    } finally {
      open.delete(controller)
    }
  }
  const close = async (): Promise<void> => {
    const reason = new DOMException('the service is being stopped', 'AbortError')
    for (const controller of open) controller.abort(reason)
    await closeContext(context)
  }
  return {
    context,
    answer,
    async call<N extends ProcedureName>(name: N, input: unknown, signal?: AbortSignal) {
      const given = signal ?? new AbortController().signal
      return (await answer(name, input, given)) as Answer<Output<N>> // by the handler of this name
    },
    subscribe: (event, listener) => context.events.subscribe(event, listener),
    mediaUrl: (imageId, kind, version) => `/media/${mediaPath(imageId, kind, version)}`,
    media: (path, signal) => media.answer(path, signal),
    grant: (path, origin) => context.grants.add(path, origin),
    takeGrant: (grant) => {
      context.grants.take(grant)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function answerCall(
  context: Context,
  name: string,
  input: unknown,
  signal: AbortSignal,
): Promise<Answer<unknown>> {
  try {
    if (!isProcedure(name)) throw unknownProcedure(name)
    const parsed = procedures[name].input.safeParse(input)
    if (!parsed.success) throw inputInvalid(name, parsed.error.issues[0])
    signal.throwIfAborted()
    // Name, input and handler belong together; the compiler does not follow that through the union of all procedures.
    const handler = handlers[name] as Handler<ProcedureName>
    const value = await handler(context, parsed.data, signal)
    return { ok: true, value }
  } catch (error) {
    if (signal.aborted || (error instanceof DOMException && error.name === 'AbortError')) {
      return { ok: false, error: cancelled }
    }
    return { ok: false, error: toErrorRecord(error) }
  }
}

function isProcedure(name: string): name is ProcedureName {
  return Object.hasOwn(procedures, name)
}

const cancelled = {
  code: 'E_CANCELLED',
  message: 'The question was withdrawn.',
  hint: 'Ask again if the answer is wanted after all.',
}

const unknownProcedure = (name: string) =>
  new AppError(
    'E_PROCEDURE_UNKNOWN',
    `There is no procedure "${name.slice(0, 100)}".`,
    'See /openapi.json for those that there are.',
  )

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

function inputInvalid(name: string, issue: Issue | undefined): AppError {
  const place = issue?.path.map(String).join('.') ?? ''
  return new AppError(
    'E_INPUT_INVALID',
    `${name}: ${place === '' ? 'the input' : `"${place}"`} does not fit: ${issue?.message ?? ''}.`,
    'See /openapi.json for what the procedure takes.',
  )
}

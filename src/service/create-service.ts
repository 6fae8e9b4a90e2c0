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
import type { Context, ServiceOptions } from './context'
import type { GrantOrigin, PlaceGrant } from './grants'
import { linkedTo } from './linked-abort'
import type { MediaAnswer } from './media'
import { OpenProjects } from './open-projects'
import type { RecentProject } from './recent-projects'

/**
 * The core of Patchwarden: one project at a time, everything that can be asked of it, and everything that it tells. Carriers
 * (message port, HTTP) and the command line call it; a direct call is a carrier, too.
 */
export interface Service extends Backend, AsyncDisposable {
  /** Of the project that is open now. */
  readonly context: Context
  /** Projects that may be opened here, newest first. */
  recentProjects(): readonly RecentProject[]
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
  const projects = await OpenProjects.start(options)
  const answer = async (name: string, input: unknown, signal: AbortSignal) => {
    const { context, calls } = projects.session
    const controller = linkedTo(signal)
    calls.add(controller)
    try {
      return await answerCall(context, name, input, controller.signal)
    } finally {
      calls.delete(controller)
    }
  }
  const close = () => projects.close()
  return {
    get context() {
      return projects.session.context
    },
    recentProjects: () => projects.recent(),
    answer,
    async call<N extends ProcedureName>(name: N, input: unknown, signal?: AbortSignal) {
      const given = signal ?? new AbortController().signal
      return (await answer(name, input, given)) as Answer<Output<N>> // by the handler of this name
    },
    subscribe: (event, listener) => projects.events.subscribe(event, listener),
    mediaUrl: (imageId, kind, version) => `/media/${mediaPath(imageId, kind, version)}`,
    async media(path, signal) {
      const { media, pictures } = projects.session
      const answering = media.answer(path, signal)
      pictures.add(answering)
      try {
        return await answering
      } finally {
        pictures.delete(answering)
      }
    },
    grant: (path, origin) => projects.grants.add(path, origin),
    takeGrant: (grant) => {
      projects.grants.take(grant)
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

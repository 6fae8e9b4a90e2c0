import type { Output, ParsedInput, ProcedureName } from '../../shared/api'
import type { Context } from '../context'

/** Answers one procedure; its input has been checked. @throws AppError what is to be told */
export type Handler<N extends ProcedureName> = (
  context: Context,
  input: ParsedInput<N>,
  signal: AbortSignal,
) => Output<N> | Promise<Output<N>>

export type Handlers<N extends ProcedureName> = { readonly [K in N]: Handler<K> }

type Subject<P extends string> = Extract<ProcedureName, `${P}.${string}`>
/** Handlers of all procedures whose names begin so. */
export type HandlersOf<P extends string> = Handlers<Subject<P>>

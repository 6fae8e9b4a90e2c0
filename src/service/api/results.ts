import { resolvedFilter } from './selection'
import type { Context } from '../context'
import type { HandlersOf } from './handler'
import type { ImageFilterInput, Input, Output } from '../../shared/api'
import type { ReaderProcedure } from '../reader/messages'

type Name = Extract<ReaderProcedure, `results.${string}`>

/** All are computed beside the core; filters are told as the pictures that they let through. */
const aside =
  <N extends Name>(name: N) =>
  async (context: Context, input: Input<N>, signal: AbortSignal): Promise<Output<N>> => {
    const { filter }: { readonly filter?: ImageFilterInput | undefined } = input
    const { ids } = await resolvedFilter(context, filter, null, signal)
    const asked = { ...input, filter: ids === undefined ? undefined : { ids: [...ids] } }
    return context.reader.ask(name, asked, signal)
  }

export const resultHandlers: HandlersOf<'results'> = {
  'results.summary': aside('results.summary'),
  'results.perClass': aside('results.perClass'),
  'results.precisionRecall': aside('results.precisionRecall'),
  'results.coverage': aside('results.coverage'),
  'results.times': aside('results.times'),
  'results.transitions': aside('results.transitions'),
  'results.images': aside('results.images'),
}

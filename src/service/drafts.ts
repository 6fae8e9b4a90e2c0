import { hash } from 'node:crypto'
import type { TryOrder } from '../engine/studio/messages'
import type { Context } from './context'
import { linkedTo } from './linked-abort'

const DRAFTS_KEPT = 200
/** Of kinds of questions: more pictures than this are not being tried at once. */
const KINDS_KEPT = 1_000

interface Drafts {
  readonly orders: Map<string, TryOrder>
  readonly newest: Map<string, AbortController>
}

const ofContext = new WeakMap<Context, Drafts>()

function draftsOf(context: Context): Drafts {
  const known = ofContext.get(context)
  if (known) return known
  const drafts: Drafts = { orders: new Map(), newest: new Map() }
  ofContext.set(context, drafts)
  return drafts
}

/** Remembers what was tried, so that its pictures can be made when they are asked for. Answers its name. */
export function keepDraft(context: Context, order: TryOrder): string {
  const { orders } = draftsOf(context)
  const draft = hash('sha256', JSON.stringify(order)).slice(0, 16)
  orders.delete(draft)
  orders.set(draft, order)
  for (const old of [...orders.keys()].slice(0, -DRAFTS_KEPT)) orders.delete(old)
  return draft
}

export function draftOrder(context: Context, draft: string): TryOrder | undefined {
  return draftsOf(context).orders.get(draft)
}

/** A signal for the newest question of its kind: it aborts the one before. */
export function supersede(context: Context, kind: string, signal: AbortSignal): AbortSignal {
  const { newest } = draftsOf(context)
  newest.get(kind)?.abort(new DOMException('a newer question took its place', 'AbortError'))
  const controller = linkedTo(signal)
  newest.delete(kind)
  newest.set(kind, controller)
  for (const old of [...newest.keys()].slice(0, -KINDS_KEPT)) newest.delete(old)
  return controller.signal
}

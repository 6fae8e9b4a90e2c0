import { live } from './live.svelte'

export interface ToastAction {
  readonly label: string
  run(): void
}

export interface Toast {
  readonly id: number
  readonly tone: 'info' | 'ok' | 'warn' | 'bad'
  readonly text: string
  readonly actions: readonly ToastAction[]
}

const SHOWN_MS = 6_000
const KEPT = 20

/** News of what happened elsewhere: shown for six seconds, kept in a list under Jobs. */
class Toasts {
  #shown: readonly Toast[] = $state.raw([])
  #kept: readonly Toast[] = $state.raw([])
  #next = 1
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>()

  get shown(): readonly Toast[] {
    return this.#shown
  }

  /** The latest twenty, newest first. */
  get kept(): readonly Toast[] {
    return this.#kept
  }

  add(text: string, tone: Toast['tone'] = 'info', actions: readonly ToastAction[] = []): number {
    const toast = { id: this.#next++, tone, text, actions }
    this.#shown = [...this.#shown, toast].slice(-3)
    this.#kept = [toast, ...this.#kept].slice(0, KEPT)
    live.say(text)
    this.resume(toast.id)
    return toast.id
  }

  close(id: number): void {
    this.pause(id)
    this.#shown = this.#shown.filter((toast) => toast.id !== id)
  }

  /** The pointer rests on the toast, or the focus is in it: it stays. */
  pause(id: number): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }

  resume(id: number): void {
    this.pause(id)
    this.#timers.set(
      id,
      setTimeout(() => {
        this.close(id)
      }, SHOWN_MS),
    )
  }
}

export const toasts = new Toasts()

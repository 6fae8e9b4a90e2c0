import type { LoadedModel, ModelHost } from '../../shared/plugin'
import { openOnnxSession } from './onnx-session'
import type { OnnxSession } from './onnx-session'
import type { ModelStore } from './model-store'

export interface ModelHostOptions {
  readonly store: Pick<ModelStore, 'resolve'>
  /** Threads of one run: cores / workers. */
  readonly threads: number
  /** Ends waiting before a run; a run itself cannot be cut short. */
  readonly signal?: AbortSignal
}

/** Loads each model once and keeps it: opening and closing sessions again and again leaks in the runtime. */
export function createModelHost(
  options: ModelHostOptions,
): ModelHost & { release(): Promise<void> } {
  const { store, threads, signal } = options
  const models = new Map<string, Promise<LoadedModel>>()
  const sessions = new Map<string, Promise<OnnxSession>>()

  /** Two names of one file, such as its path and its id, share a session. */
  const openOnce = (path: string, label: string): Promise<OnnxSession> => {
    const known = sessions.get(path)
    if (known) return known
    const opening = openOnnxSession(path, label, threads).catch((error: unknown) => {
      sessions.delete(path)
      throw error
    })
    sessions.set(path, opening)
    return opening
  }

  const open = async (id: string): Promise<LoadedModel> => {
    signal?.throwIfAborted()
    const { card, path } = await store.resolve(id)
    const { inputNames, outputNames, run } = await openOnce(path, card.id)
    return {
      card,
      inputNames,
      outputNames,
      async run(feeds) {
        signal?.throwIfAborted()
        return run(feeds)
      },
    }
  }

  return {
    load(id) {
      const known = models.get(id)
      if (known) return known
      const loading = open(id).catch((error: unknown) => {
        models.delete(id) // the next try may find the file repaired
        throw error
      })
      models.set(id, loading)
      return loading
    },
    async release() {
      const opened = await Promise.allSettled(sessions.values())
      models.clear()
      sessions.clear()
      for (const result of opened) {
        if (result.status === 'fulfilled') await result.value.release()
      }
    },
  }
}

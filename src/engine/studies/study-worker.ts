import { toErrorRecord } from '../../shared/errors'
import { runStudy } from './run-study'
import type { FromStudy, ToStudy } from './study-messages'

// The program of a study's process: one order comes, faults, progress and one answer go back.

process.on('SIGINT', () => undefined) // the parent decides when this ends
process.on('disconnect', () => process.exit(1))
process.once('message', (message) => {
  void answer(message as ToStudy) // from study-process.ts of the same build
})

async function answer({ request, locations }: ToStudy): Promise<void> {
  try {
    const study = await runStudy(request, locations, {
      signal: new AbortController().signal, // a study is cancelled by ending its process
      onFault: (file, error) => {
        tell({ type: 'fault', file, error })
      },
      onProgress: (done, total) => {
        tell({ type: 'progress', done, total })
      },
    })
    tell({ type: 'done', study })
  } catch (error) {
    tell({ type: 'failed', error: toErrorRecord(error) })
  }
}

function tell(message: FromStudy): void {
  process.send?.(message, undefined, {}, () => undefined)
}

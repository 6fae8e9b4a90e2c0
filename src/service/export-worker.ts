import { toErrorRecord } from '../shared/errors'
import { openProject } from '../store'
import { exportNow } from './export-job'
import type { FromExporter, ToExporter } from './export-process'

// The program of the export process: one order comes, losses, progress and one answer go back.

const progressEveryMs = 200

const tell = (message: FromExporter): void => {
  process.send?.(message, undefined, {}, () => undefined)
}

// Ctrl-C reaches every process of the terminal; the parent decides when this one ends.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit(1))
const parent = process.ppid
process.once('message', (message) => {
  void answer(message as ToExporter) // from export-process.ts of the same build
})

async function answer({ folder, request }: ToExporter): Promise<void> {
  let toldAt = 0
  try {
    await using project = await openProject(folder, { readonly: true })
    const summary = await exportNow(project, request, {
      onLosses(losses) {
        tell({ type: 'losses', losses })
      },
      onImage(done, total) {
        const now = performance.now()
        if (now - toldAt < progressEveryMs) return
        toldAt = now
        // While it writes, this process hears nothing: it has to look whether anybody still waits for it.
        if (process.ppid !== parent) process.exit(1)
        tell({ type: 'progress', done, total })
      },
    })
    tell({ type: 'done', summary })
  } catch (error) {
    tell({ type: 'failed', error: toErrorRecord(error) })
  }
}

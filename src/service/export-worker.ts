import { toErrorRecord } from '../shared/errors'
import { openProject } from '../store'
import { exportNow, type ExportSteps } from './export-job'
import type { FromExporter, ToExporter } from './export-process'
import { waitWhilePaused } from './pause-file'

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

async function answer({ folder, request, pauseFile }: ToExporter): Promise<void> {
  let toldAt = 0
  try {
    await using project = await openProject(folder, { readonly: true })
    const steps: ExportSteps = {
      onLosses(losses) {
        tell({ type: 'losses', losses })
      },
      onImage(done, total) {
        if (performance.now() - toldAt < progressEveryMs) return
        // While it writes, this process hears nothing: it has to look whether it is to pause, and whether anybody still waits.
        const isWaitedFor = (): boolean => process.ppid === parent
        waitWhilePaused(pauseFile, isWaitedFor)
        if (!isWaitedFor()) process.exit(1)
        toldAt = performance.now()
        tell({ type: 'progress', done, total })
      },
    }
    // Its passes over the content must agree, though the project may be edited meanwhile.
    const summary = await project.frozen(() => exportNow(project, request, steps))
    tell({ type: 'done', summary })
  } catch (error) {
    tell({ type: 'failed', error: toErrorRecord(error) })
  }
}

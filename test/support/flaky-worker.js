// A worker program that obeys what the file names tell it: used to see how the pool takes deaths, refusals and silence.
import process from 'node:process'

process.on('disconnect', () => process.exit(0))
process.on('message', (message) => {
  if (message.type === 'open') {
    if (message.job.task.detector === 'refuse') {
      process.send({
        type: 'refused',
        error: { code: 'E_MODEL_UNKNOWN', message: 'no such model', hint: 'pull it' },
      })
    } else if (message.job.task.detector === 'crash-at-start') {
      process.stderr.write('out of luck\n', () => process.exit(3))
    } else {
      process.send({ type: 'ready', ready: { classNames: ['thing'], models: [] } })
    }
    return
  }
  const { index, path, partial } = message.item
  if (path.startsWith('crash')) process.kill(process.pid, 'SIGKILL')
  else if (path.startsWith('hang')) hang()
  else if (path.startsWith('bad')) {
    process.send({
      type: 'failed',
      index,
      error: { code: 'E_IMAGE_CORRUPT', message: 'bad', hint: 'mend it' },
    })
  } else {
    const result = {
      index,
      sha256: '',
      width: 1,
      height: 1,
      detections: [],
      masks: {},
      notes: partial === undefined ? {} : { wentOnFrom: partial.state.next },
      warnings: [],
      stages: [],
    }
    if (path.startsWith('long') && partial === undefined) {
      const begun = { sha256: '', certificates: [], subject: 0, state: { next: 7 } }
      const progress = { done: 7, total: 10, unit: 'samples', partial: begun }
      process.send({ type: 'progress', index, progress })
      return
    }
    setTimeout(() => process.send({ type: 'done', result }), path.startsWith('slow') ? 50 : 0)
  }
})

/** Answers nothing any more, but does not outlive the test that started it. */
function hang() {
  const parent = process.ppid
  while (process.ppid === parent);
  process.exit()
}

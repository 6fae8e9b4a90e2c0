import type { Job, Run } from '../../../shared/api'
import { runsText as words, timeAgo } from '../../strings/runs'

/** What the State column says of a run: first words, then lesser ones, and a bar where something goes on. */
export interface RunState {
  readonly kind: 'done' | 'running' | 'waiting' | 'failures' | 'failed'
  readonly text: string
  readonly detail: string
  /** 0 to 100; null where there is no bar. */
  readonly percent: number | null
  /** What can be done about it. */
  readonly action: 'pause' | 'resume' | 'show' | null
}

export function runState(run: Run, job: Job | undefined, nowMs: number): RunState {
  if (job && !job.isInterrupted) return jobState(run, job)
  const progress = words.of(run.done, run.total)
  const percent = run.total === 0 ? 0 : Math.floor((100 * run.done) / run.total)
  if (run.state === 'running' || job?.isInterrupted) {
    return { kind: 'waiting', text: progress, detail: words.interrupted, percent, action: 'resume' }
  }
  if (run.failed > 0) {
    const text = words.failed(run.failed)
    const detail = words.doneCount(run.done)
    return { kind: 'failures', text, detail, percent: null, action: 'show' }
  }
  if (run.done < run.total || run.state === 'cancelled') {
    const action = run.canResume ? 'resume' : null
    return { kind: 'waiting', text: progress, detail: words.stopped, percent, action }
  }
  if (run.state === 'failed') {
    const action = run.canResume ? 'resume' : null
    return { kind: 'failed', text: words.failedRun, detail: progress, percent: null, action }
  }
  const detail = timeAgo(run.finishedMs ?? run.createdMs, nowMs)
  return { kind: 'done', text: words.done, detail, percent: null, action: null }
}

function jobState(run: Run, job: Job): RunState {
  const total = job.total ?? run.total
  const text = words.of(job.done, total)
  const percent =
    total === 0 ? 0 : Math.min(100, Math.floor((100 * (job.done + job.failed)) / total))
  const failed = job.failed > 0 ? words.failed(job.failed) : ''
  if (job.isStopping)
    return { kind: 'running', text: words.stopping, detail: '', percent, action: null }
  switch (job.state) {
    case 'queued':
      return { kind: 'waiting', text: words.waits, detail: '', percent: null, action: null }
    case 'paused':
      return { kind: 'waiting', text, detail: words.paused, percent, action: 'resume' }
    default: {
      const left = job.etaMs === null ? '' : words.left(job.etaMs)
      const detail = [left, failed].filter((part) => part !== '').join(' · ')
      return { kind: 'running', text, detail, percent, action: job.canPause ? 'pause' : null }
    }
  }
}

import type { Job } from '../../shared/api'
import { formatCount, formatTimeLeft } from './ui'

export const jobText = {
  title: 'Jobs',
  none: 'No jobs. Imports, runs and exports appear here.',
  news: 'News',
  started: (name: string) => `${name} has started.`,
  at: (name: string, done: string, total: string) => `${name}: ${done} of ${total}.`,
  ended: (name: string) => `${name} has ended.`,
  pause: 'Pause',
  resume: 'Resume',
  stop: 'Stop',
  remove: 'Take off the list',
  show: 'Show',
  details: 'Copy details',
}

/** What a job does now, in a few words. */
export function jobLine(job: Job): string {
  const progress =
    job.total === null
      ? formatCount(job.done)
      : `${formatCount(job.done)} of ${formatCount(job.total)}`
  if (job.isStopping) return 'Stopping after this image'
  if (job.isInterrupted) return `Interrupted at ${progress}. What was done is kept.`
  switch (job.state) {
    case 'queued':
      return 'Waits for its turn'
    case 'paused':
      return `Paused at ${progress}`
    case 'cancelled':
      return `Stopped. ${progress} are kept.`
    case 'failed':
      return job.error?.message ?? 'Failed'
    case 'done':
      return job.failed > 0
        ? `${formatCount(job.failed)} of ${formatCount(job.done + job.failed)} failed. The others are done.`
        : (job.summary ?? `Done, ${progress}`)
    case 'running': {
      if (job.total === null && job.done === 0) return 'Starting'
      const rate = job.perSecond === null ? [] : [`${formatRate(job.perSecond)} a second`]
      const left = job.etaMs === null ? [] : [`${formatTimeLeft(job.etaMs / 1000)} left`]
      return [progress, ...rate, ...left].join(' · ')
    }
  }
}

/** Whole percents of a job; null while nobody knows. */
export function jobPercent(job: Job): number | null {
  if (job.state === 'done') return 100
  if (job.total === null || job.total === 0) return null
  return Math.min(100, Math.floor((100 * (job.done + job.failed)) / job.total))
}

function formatRate(perSecond: number): string {
  return perSecond >= 10 ? formatCount(Math.round(perSecond)) : perSecond.toFixed(1)
}

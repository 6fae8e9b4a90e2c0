import { describe, expect, test } from 'vitest'
import { fuzzyMatch } from '../../src/renderer/fuzzy'
import { jobLine, jobPercent } from '../../src/renderer/strings/jobs'
import {
  cutMiddle,
  formatBytes,
  formatCount,
  formatTimeLeft,
  plural,
  showForeign,
} from '../../src/renderer/strings/ui'
import type { Job } from '../../src/shared/api'

describe('words', () => {
  test('counts have separators, times are rounded', () => {
    expect(formatCount(104_318)).toBe('104,318')
    expect(plural(1, 'picture')).toBe('1 picture')
    expect(plural(2, 'patch', 'patches')).toBe('2 patches')
    expect([41.4, 170, 7_300].map(formatTimeLeft)).toEqual(['41 s', '3 min', '2 h'])
    expect([980, 6_240_000, 41_000].map(formatBytes)).toEqual(['980 B', '6.2 MB', '41 kB'])
  })

  test('control and direction signs of foreign text are shown as their code', () => {
    expect(showForeign('a\u202Egpj.exe')).toBe('a⟨U+202E⟩gpj.exe')
    expect(showForeign('<b>1\n2</b>')).toBe('<b>1⟨U+000A⟩2</b>')
    expect(showForeign('Straße 😀')).toBe('Straße 😀')
  })

  test('long names are cut in the middle, by signs', () => {
    expect(cutMiddle('a'.repeat(60), 9)).toBe('aaaa…aaaa')
    expect(Array.from(cutMiddle('😀'.repeat(60), 9))).toHaveLength(9)
    expect(cutMiddle('short.jpg')).toBe('short.jpg')
  })
})

describe('fuzzy search', () => {
  test('finds signs in their order and says where', () => {
    expect(fuzzyMatch('blin', 'Blink A and B')?.positions).toEqual([0, 1, 2, 3])
    expect(fuzzyMatch('gtl', 'Go to Library')?.positions).toEqual([0, 3, 6])
    expect(fuzzyMatch('xyz', 'Go to Library')).toBeNull()
  })

  test('beginnings go first', () => {
    const score = (text: string): number => fuzzyMatch('blin', text)?.score ?? -Infinity
    expect(score('Blink A and B')).toBeGreaterThan(score('COCO val, blind test'))
    expect(score('COCO val, blind test')).toBeGreaterThan(score('Bigger lines in plots'))
  })

  test('an empty query finds everything', () => {
    expect(fuzzyMatch(' ', 'anything')).toEqual({ score: 0, positions: [] })
  })
})

describe('a job', () => {
  const job: Job = {
    id: 1,
    kind: 'run',
    name: 'COCO val, defended',
    runId: 1,
    datasetId: null,
    state: 'running',
    isStopping: false,
    isInterrupted: false,
    canPause: true,
    done: 322,
    failed: 0,
    total: 504,
    etaMs: 41_000,
    perSecond: 8.62,
    createdMs: 0,
    finishedMs: null,
    error: null,
    summary: null,
  }

  test('says what it does', () => {
    expect(jobLine(job)).toBe('322 of 504 · 8.6 a second · 41 s left')
    expect(jobPercent(job)).toBe(63)
    expect(jobLine({ ...job, isStopping: true })).toBe('Stopping after this image')
    expect(jobLine({ ...job, state: 'paused' })).toBe('Paused at 322 of 504')
    expect(jobLine({ ...job, state: 'cancelled' })).toBe('Stopped. 322 of 504 are kept.')
    expect(jobLine({ ...job, state: 'done', done: 168, failed: 2 })).toContain('2 of 170 failed')
  })

  test('knows no percent without a total', () => {
    expect(jobPercent({ ...job, total: null })).toBeNull()
  })
})

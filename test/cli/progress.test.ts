import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { Progress, progressLine } from '../../src/cli/progress'

/** A stream that keeps what is written to it, and says whether it is a terminal. */
function recorder(isTTY: boolean) {
  let text = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  // Progress asks a stream for no more than this.
  return {
    stream: Object.assign(stream, { isTTY }) as unknown as NodeJS.WriteStream,
    text: () => text,
  }
}

describe('progress', () => {
  test('elsewhere than on a terminal is plain lines, few of them, the last one whole', () => {
    const { stream, text } = recorder(false)
    const progress = new Progress('detect', 1_000, stream)
    for (let done = 0; done <= 1_000; done++) {
      progress.update(done, 0)
      if (done % 10 === 0) progress.clear()
    }
    expect(text()).not.toContain('\u001b')
    expect(text()).not.toContain('\r')
    const lines = text().split('\n').slice(0, -1)
    expect(lines.length).toBeLessThanOrEqual(3)
    expect(lines.at(-1)).toContain('1000/1000')
  })

  test('on a terminal is one line that is drawn over, and cleared for messages', () => {
    const { stream, text } = recorder(true)
    const progress = new Progress('detect', 3, stream)
    progress.update(1, 0)
    progress.clear()
    expect(text()).not.toContain('\n')
    expect(text().endsWith('\r\u001b[K')).toBe(true)
  })

  test('counts the rate from what this run did, not from what it took over', () => {
    expect(progressLine('detect', 90, 0, 100, 10, 5)).toContain('2.0/s  ETA 5 s')
    expect(progressLine('detect', 1, 2, 3, 3, 1)).toContain('3/3  2 failed')
    expect(progressLine('detect', 0, 0, 0, 0, 0)).toContain('0/0')
  })

  test('tells how far the one picture is that takes long', () => {
    const half = { done: 5_000, total: 10_000, unit: 'samples' }
    const line = progressLine('certify', 0, 0, 1, 0.25, 50, [half])
    expect(line).toBe('certify [############------------] 0/1  5000 of 10000 samples  ETA 2 min')
    expect(progressLine('certify', 0, 0, 2, 0.25, 50, [half])).toContain('  3 min each  ETA 5 min')
    // Of several the bar and the time left tell.
    expect(progressLine('certify', 1, 0, 4, 2, 10, [half, half])).toBe(
      'certify [############------------] 1/4  0.2/s  ETA 10 s',
    )
    const { stream, text } = recorder(false)
    const progress = new Progress('certify', 1, stream)
    progress.inside('a.png', half)
    progress.leave('a.png')
    progress.update(1, 0)
    expect(text()).toMatch(/0\/1 {2}5000 of 10000 samples\n.*1\/1 /)
  })
})

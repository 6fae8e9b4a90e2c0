import { describe, expect, test } from 'vitest'
import { CardBatches } from '../../../src/renderer/screens/library/card-batches'
import { ThumbnailQueue } from '../../../src/renderer/screens/library/thumbnail-queue'

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, k) => from + k)

/** Batches whose answers the test gives itself. */
function batches() {
  const calls: {
    readonly ids: ReadonlySet<number>
    readonly first: number
    readonly size: number
    readonly signal: AbortSignal
    readonly answer: () => Promise<void>
  }[] = []
  const cards = new CardBatches((ids, signal) => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const answer = async (): Promise<void> => {
      resolve(undefined)
      await new Promise((done) => setTimeout(done))
    }
    calls.push({ ids, first: Math.min(...ids), size: ids.size, signal, answer })
    return promise.then(() => undefined)
  })
  return { cards, calls }
}

describe('cards of the Library', () => {
  test('are asked for where they are seen first, then where they soon will be, each once', async () => {
    const { cards, calls } = batches()
    const want = () => {
      cards.want(() => ({ seen: range(0, 42), soon: range(0, 250) }))
    }
    want()
    want()
    expect(calls.map(({ first, size }) => [first, size])).toEqual([
      [0, 42],
      [42, 100],
    ])
    await calls[0]?.answer()
    await calls[1]?.answer()
    await calls[2]?.answer()
    expect(calls.map(({ first, size }) => [first, size]).slice(2)).toEqual([
      [142, 100],
      [242, 8],
    ])
    await calls[3]?.answer()
    want()
    expect(calls).toHaveLength(4)
  })

  test('that were scrolled past are given up, and hold up nothing', () => {
    const { cards, calls } = batches()
    cards.want(() => ({ seen: range(0, 42), soon: range(42, 150) }))
    cards.want(() => ({ seen: range(9_000, 9_042), soon: [] }))
    expect(calls.map(({ first, signal }) => [first, signal.aborted])).toEqual([
      [0, true],
      [42, true],
      [9_000, false],
    ])
  })

  test('that changed while they were on their way are asked for again', async () => {
    const { cards, calls } = batches()
    const want = () => {
      cards.want(() => ({ seen: [1, 2, 3], soon: [] }))
    }
    want()
    cards.forget([2])
    want()
    expect(calls.map(({ ids }) => [...ids])).toEqual([[1, 3], [2]])
    await calls[0]?.answer()
    await calls[1]?.answer()
    want()
    expect(calls).toHaveLength(2)
  })
})

describe('thumbnails', () => {
  test('load three at a time, those in view first, and those that left make room', async () => {
    const queue = new ThumbnailQueue()
    const started: number[] = []
    const leave = range(0, 8).map((k) =>
      queue.enter(
        () => k >= 5,
        () => void started.push(k),
      ),
    )
    await Promise.resolve()
    expect(started).toEqual([5, 6, 7])
    leave[6]?.()
    leave[6]?.()
    expect(started).toEqual([5, 6, 7, 0])
    leave[1]?.()
    leave[5]?.()
    expect(started).toEqual([5, 6, 7, 0, 2])
  })
})

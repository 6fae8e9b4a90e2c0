import { expect, test } from 'vitest'
import { inTurns } from '../../src/service/in-turns'
import { Jobs, type JobControl } from '../../src/service/jobs'
import { Turnstile } from '../../src/service/turnstile'
import { newProject } from '../store/support'

const soon = () => new Promise((resolve) => setTimeout(resolve, 20))

test('a job that is paused lets others through, whether it waits or is in the middle', async () => {
  await using project = await newProject()
  const jobs = new Jobs(project)
  const turnstile = new Turnstile()
  const order: string[] = []
  const going = new Map<string, PromiseWithResolvers<undefined>>()
  const start = (name: string) => {
    const gate = Promise.withResolvers<undefined>()
    going.set(name, gate)
    return jobs.start({ kind: 'run', name, manifest: { name } }, (control: JobControl) =>
      inTurns(
        control,
        (signal) => turnstile.enter(signal),
        async (own) => {
          order.push(`${name} in`)
          await gate.promise
          await own.checkpoint()
          order.push(`${name} out`)
        },
      ),
    )
  }
  const [a, b, c] = [start('a'), start('b'), start('c')]
  await soon()
  expect(order).toEqual(['a in'])
  // It waits, and is passed by; the first is in the middle, and lets go at its next checkpoint.
  b.pause()
  a.pause()
  going.get('a')?.resolve(undefined)
  await soon()
  expect(order).toEqual(['a in', 'c in'])
  a.resume()
  b.resume()
  await soon()
  expect(order).toEqual(['a in', 'c in'])
  for (const name of ['b', 'c']) going.get(name)?.resolve(undefined)
  await Promise.all([a.finished, b.finished, c.finished])
  expect(order.slice(2)).toEqual(['c out', 'a out', 'b in', 'b out'])
})

test('a job that is cancelled while it waits holds nobody up', async () => {
  await using project = await newProject()
  const jobs = new Jobs(project)
  const turnstile = new Turnstile()
  const leave = await turnstile.enter(new AbortController().signal)
  const start = (name: string) =>
    jobs.start({ kind: 'run', name, manifest: { name } }, (control: JobControl) =>
      inTurns(
        control,
        (signal) => turnstile.enter(signal),
        () => Promise.resolve(name),
      ),
    )
  const [waiting, paused, last] = [start('waiting'), start('paused'), start('last')]
  paused.pause()
  waiting.cancel()
  paused.cancel()
  await expect(waiting.finished).rejects.toThrow('cancelled')
  await expect(paused.finished).rejects.toThrow('cancelled')
  leave()
  expect(await last.finished).toBe('last')
})

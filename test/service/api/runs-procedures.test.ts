import { expect, test } from 'vitest'
import { ask, jobEnd, refusal } from './open-service'
import { procedureTests } from './procedure-tests'

procedureTests('runs', (sample) => {
  test('a run is planned, started, paused, goes on, and is known afterwards', async () => {
    const { service, a, b, cards } = sample()
    const ids = cards.map(({ id }) => id).slice(0, 4)
    const order = {
      images: { ids },
      detector: 'patchwarden-nano',
      defense: { id: 'segment-and-complete', params: { fill: 'mean' } },
    }
    expect(await ask(service, 'runs.plan', order)).toMatchObject({
      images: 4,
      known: 0,
      toDo: 4,
      sameRun: null,
    })
    const started = await ask(service, 'runs.start', { ...order, name: 'mean', alsoBare: true })
    expect(started.run).toMatchObject({
      name: 'mean',
      total: 4,
      defense: 'segment-and-complete',
      params: { fill: 'mean' },
    })
    expect(started.bareRun).toMatchObject({ defense: null })
    expect(await refusal(service, 'runs.start', order)).toBe('E_RUN_BUSY')
    expect(await refusal(service, 'runs.delete', { id: started.run.id })).toBe('E_RUN_BUSY')
    expect((await ask(service, 'jobs.pause', { id: started.jobId })).job.state).toBe('paused')
    expect((await ask(service, 'jobs.resume', { id: started.jobId })).job.state).toBe('running')
    expect(await jobEnd(service, started.jobId)).toMatchObject({
      state: 'done',
      done: 4,
      failed: 0,
    })
    // The bare run has the answers of an earlier one.
    expect(await jobEnd(service, started.bareJobId ?? 0)).toMatchObject({ state: 'done' })
    const plan = await ask(service, 'runs.plan', order)
    expect(plan).toMatchObject({ images: 4, known: 4, toDo: 0, sameRun: started.run.id })
    expect((await ask(service, 'runs.get', { id: started.run.id })).classes.length).toBeGreaterThan(
      10,
    )
    const { rows } = await ask(service, 'runs.list', { comparedWith: a })
    expect(rows.find(({ id }) => id === started.run.id)).toMatchObject({
      done: 4,
      state: 'finished',
      canResume: true,
    })
    expect(rows.find(({ id }) => id === b)?.changed).toBe(7)
    await ask(service, 'runs.rename', { id: started.run.id, name: 'mean colour' })
    // Asked twice at once, it is begun once.
    const [again, twice] = await Promise.all([
      ask(service, 'runs.resume', { id: started.run.id }),
      refusal(service, 'runs.resume', { id: started.run.id }),
    ])
    expect(twice).toBe('E_RUN_BUSY')
    expect(await jobEnd(service, again.jobId)).toMatchObject({
      state: 'done',
      summary: '4 done, 4 of them known already.',
    })
    const retried = await ask(service, 'runs.retryFailed', { id: started.run.id })
    await jobEnd(service, retried.jobId)
    expect((await ask(service, 'runs.failed', { id: started.run.id })).rows).toEqual([])
    await ask(service, 'runs.delete', { id: started.run.id })
    expect(await refusal(service, 'runs.get', { id: started.run.id })).toBe('E_ROW_UNKNOWN')
  })

  test('a run is stopped at once, and keeps what it has', async () => {
    const { service, dataset } = sample()
    const { run, jobId } = await ask(service, 'runs.start', {
      images: { filter: { dataset } },
      detector: 'patchwarden-nano',
      defense: { id: 'segment-and-complete', params: { threshold: 0.55 } },
    })
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const stop = service.subscribe('job', ({ job }) => {
      if (job.id === jobId && job.done > 0) resolve(undefined)
    })
    await promise
    stop()
    const asked = performance.now()
    const { job } = await ask(service, 'jobs.cancel', { id: jobId })
    expect(performance.now() - asked).toBeLessThan(100)
    expect(job.isStopping || job.state === 'cancelled').toBe(true)
    const ended = await jobEnd(service, jobId)
    expect(performance.now() - asked).toBeLessThan(2_000)
    expect(ended.state).toBe('cancelled')
    const { run: now } = await ask(service, 'runs.get', { id: run.id })
    expect(now.state).toBe('cancelled')
    expect(now.done).toBeGreaterThan(0)
    expect(now.canResume).toBe(true)
    await ask(service, 'jobs.remove', { id: jobId })
    expect(await refusal(service, 'jobs.get', { id: jobId })).toBe('E_ROW_UNKNOWN')
    expect((await ask(service, 'jobs.list', {})).rows.some(({ id }) => id === jobId)).toBe(false)
  })

  test('two runs are compared, most changed first', async () => {
    const { service, a, b, cards } = sample()
    const compared = await ask(service, 'runs.compare', { a, b })
    expect(compared).toMatchObject({ images: 12, changed: 7, onlyA: 0, onlyB: 0, next: null })
    expect(compared.rows.map(({ imageId }) => imageId)).toEqual(
      cards.filter(({ marks }) => (marks.changes?.change ?? 0) > 0).map(({ id }) => id),
    )
    expect(compared.gained).toBe(compared.rows.reduce((sum, { marks }) => sum + marks.gained, 0))
  })
})

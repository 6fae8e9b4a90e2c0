import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, jobEnd, refusal } from './open-service'
import { procedureTests } from './procedure-tests'

procedureTests('export', (sample) => {
  test('an export says first what it loses, then writes, then shows what it wrote', async () => {
    const { service, b, dataset, card, outside } = sample()
    const subject = { run: b }
    const seen = await ask(service, 'export.preview', { subject, format: 'yolo' })
    expect(seen.images).toBe(12)
    expect(seen.losses.length).toBeGreaterThan(0)
    expect(seen.command).toBe(`patchwarden export --run ${b} --format yolo --out PATH`)
    const only = { ids: [card('park-0001').id] }
    const coco = await ask(service, 'export.preview', {
      subject: { dataset },
      format: 'coco',
      filter: only,
    })
    expect(coco.images).toBe(1)
    expect(coco.firstLines[0]).toContain('{')
    const results = await ask(service, 'export.preview', { subject, format: 'coco-results' })
    expect(results.firstLines.join('')).toContain('"score"')
    const { jobId } = await ask(service, 'export.start', {
      subject: { dataset },
      format: 'coco',
      filter: only,
      grant: null,
      name: 'one.json',
    })
    expect(await jobEnd(service, jobId)).toMatchObject({
      state: 'done',
      summary: '1 image exported.',
    })
    const written = await ask(service, 'export.result', { jobId })
    expect(written).toMatchObject({
      images: 1,
      fileName: 'one.json',
      download: `/download/${jobId}`,
    })
    const document = JSON.parse(readFileSync(written.path, 'utf8')) as { images: unknown[] }
    expect(document.images).toHaveLength(1)
    const { grants } = await ask(service, 'grants.list', {})
    const grant = grants.find(({ origin }) => origin === 'command-line')?.id ?? ''
    const order = { subject, format: 'coco-results', grant, name: 'results.json' }
    expect(await jobEnd(service, (await ask(service, 'export.start', order)).jobId)).toMatchObject({
      state: 'done',
    })
    expect(existsSync(join(outside, 'results.json'))).toBe(true)
    expect(
      await ask(service, 'export.check', { grant, name: 'results.json', format: 'coco-results' }),
    ).toMatchObject({
      exists: true,
      freeName: 'results.1.json',
    })
    const twice = await ask(service, 'export.start', order)
    expect(await jobEnd(service, twice.jobId)).toMatchObject({
      state: 'failed',
      error: { code: 'E_TARGET_EXISTS' },
    })
    const kept = await ask(service, 'export.start', { ...order, ifExists: 'keep-both' })
    await jobEnd(service, kept.jobId)
    expect(existsSync(join(outside, 'results.1.json'))).toBe(true)
    for (const name of ['../x', 'a/b', '.hidden', '..', 'x\0y']) {
      expect(await refusal(service, 'export.start', { ...order, name })).toBe('E_TARGET_INVALID')
    }
    const { grant: file } = await ask(service, 'grants.fromPath', {
      path: join(outside, 'results.json'),
    })
    const imported = await ask(service, 'import.results', {
      grant: file,
      name: 'taken back',
      dataset,
    })
    expect(await jobEnd(service, imported.jobId)).toMatchObject({ state: 'done' })
    const { rows } = await ask(service, 'runs.list', {})
    expect(rows[0]).toMatchObject({ name: 'taken back', isImported: true, canResume: false })
    expect(await refusal(service, 'runs.resume', { id: rows[0]?.id ?? 0 })).toBe(
      'E_RUN_NOT_REPEATABLE',
    )
  })
})

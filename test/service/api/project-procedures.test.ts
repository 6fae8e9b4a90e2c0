import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, jobEnd, refusal } from './open-service'
import { procedureTests } from './procedure-tests'

procedureTests(
  'project',
  (sample) => {
    test('the project says what it holds', async () => {
      const { service, a, b } = sample()
      expect(await ask(service, 'project.info', {})).toMatchObject({
        images: 12,
        datasets: 1,
        runs: 2,
        isEmpty: false,
        hasSample: true,
        pair: { a, b },
        notes: [],
      })
      expect(await refusal(service, 'project.addSample', {})).toBe('E_DATASET_EXISTS')
      const about = await ask(service, 'project.about', {})
      expect(about.parts.find(({ name }) => name === 'fastify')?.licence).toBe('MIT')
      expect(about.models.map(({ id }) => id)).toContain('sac-lite')
      expect(await ask(service, 'project.doctor', { originals: true })).toEqual({ findings: [] })
      await ask(service, 'project.setPair', { a: b, b: a })
      expect((await ask(service, 'project.info', {})).pair).toEqual({ a: b, b: a })
      await ask(service, 'project.setPair', { a, b })
      expect(await refusal(service, 'project.setPair', { a: 999, b })).toBe('E_ROW_UNKNOWN')
    })

    test('settings are kept in a file of the user', async () => {
      const { service } = sample()
      expect((await ask(service, 'settings.get', {})).theme).toBe('system')
      await ask(service, 'settings.set', { theme: 'dark', shortcuts: { blink: ['Shift+B'] } })
      expect(JSON.parse(readFileSync(join(service.folder, 'settings.json'), 'utf8'))).toMatchObject(
        {
          theme: 'dark',
        },
      )
      // Two windows at once: neither change is lost.
      await Promise.all([
        ask(service, 'settings.set', { textPercent: 125 }),
        ask(service, 'settings.set', { lineWidth: 3 }),
      ])
      expect(await ask(service, 'settings.get', {})).toMatchObject({
        ...{ theme: 'dark', textPercent: 125, lineWidth: 3 },
      })
      expect(await refusal(service, 'settings.set', { theme: 'pink' })).toBe('E_INPUT_INVALID')
      expect((await ask(service, 'settings.reset', {})).theme).toBe('system')
    })

    test('another project takes its place, and back', async () => {
      const { service, dataset } = sample()
      const first = await ask(service, 'project.info', {})
      const place = service.grant(service.folder, 'dialog').id
      await ask(service, 'project.create', { grant: place, name: 'Second' })
      expect(await ask(service, 'project.info', {})).toMatchObject({ name: 'Second', images: 0 })
      const asked = ask(service, 'project.addSample', {})
      expect(await refusal(service, 'project.addSample', {})).toBe('E_DATASET_EXISTS')
      await jobEnd(service, (await asked).jobId)
      expect(await ask(service, 'project.info', {})).toMatchObject({ images: 12, datasets: 1 })
      const { projects } = await ask(service, 'project.recent', {})
      expect(projects.map(({ name, isOpen }) => [name, isOpen])).toEqual([
        ['Second', true],
        ['project', false],
      ])
      const recent = projects[1]?.id ?? ''
      expect(await ask(service, 'project.open', { from: { recent } })).toEqual({ name: 'project' })
      expect(await ask(service, 'project.info', {})).toEqual(first)
      expect((await ask(service, 'datasets.get', { id: dataset })).dataset.images).toBe(12)
    })
  },
  { makesSample: true },
)

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, jobEnd, refusal } from './open-service'
import { procedureTests } from './procedure-tests'

procedureTests('results', (sample) => {
  const subject = () => {
    const { a, b } = sample()
    return { a, b, clean: null }
  }

  test('six figures, each with its samples or with what it needs', async () => {
    const { service } = sample()
    const { figures, images } = await ask(service, 'results.summary', subject())
    expect(images).toBe(12)
    const figure = (id: string) => figures.find((one) => one.id === id)
    expect(figure('ap50-clean')).toMatchObject({ value: null, needs: 'clean-run' })
    expect(figure('ap50-attacked')?.value).toBeLessThan(figure('ap50-defended')?.value ?? 0)
    expect(figure('lost-on-clean')).toMatchObject({ value: 0, samplesAre: 'images' })
    expect(figure('patch-covered')?.value).toBeGreaterThan(0.8)
    expect(figure('time')?.value).toBeGreaterThan(0)
  })

  test('tables, curves, coverage, times and transitions agree with one another', async () => {
    const { service, a, b } = sample()
    const { overall, classes } = await ask(service, 'results.perClass', subject())
    expect(classes.map((one) => one.class)).toContain('person')
    const { figures } = await ask(service, 'results.summary', subject())
    expect(overall.b?.ap50).toBe(figures.find(({ id }) => id === 'ap50-defended')?.value)
    const { curves } = await ask(service, 'results.precisionRecall', {
      ...subject(),
      class: 'person',
    })
    expect(curves.map(({ layer }) => layer)).toEqual(['a', 'b'])
    expect(curves[1]?.ap50).toBeCloseTo(
      classes.find((one) => one.class === 'person')?.b?.ap50 ?? -1,
      9,
    )
    expect(
      (await ask(service, 'results.precisionRecall', subject())).curves[0]?.points,
    ).toHaveLength(101)
    const { points, covered } = await ask(service, 'results.coverage', subject())
    expect(points.length).toBeGreaterThanOrEqual(7)
    expect(covered).toBeGreaterThan(0.8)
    const { layers } = await ask(service, 'results.times', subject())
    expect(layers.map(({ layer }) => layer)).toEqual(['a', 'b'])
    const { classes: names, counts } = await ask(service, 'results.transitions', subject())
    expect(counts).toHaveLength(names.length + 1)
    const { gained } = await ask(service, 'runs.compare', { a, b })
    expect(counts.at(-1)?.reduce((sum, n) => sum + n, 0)).toBe(gained)
  })

  test('every point leads to its pictures', async () => {
    const { service, card } = sample()
    const { classes, counts } = await ask(service, 'results.transitions', subject())
    const to = classes[counts.at(-1)?.findIndex((n) => n > 0) ?? 0] ?? ''
    const behind = [
      { kind: 'transition', from: null, to },
      { kind: 'coverage', size: { min: 0, max: 1 }, covered: { min: 0, max: 1 } },
      { kind: 'class', class: 'person', layer: 'a', mistakes: 'missed' },
      { kind: 'time', layer: 'b', stage: null, minMs: 0 },
    ] as const
    for (const one of behind) {
      const { ids, rows, sentence, total } = await ask(service, 'results.images', {
        ...subject(),
        behind: one,
      })
      expect(total).toBeGreaterThan(0)
      expect(rows.map(({ imageId }) => imageId)).toEqual(ids)
      expect(sentence).toMatch(/^\d+ images? /)
    }
    const failed = await ask(service, 'results.images', {
      ...subject(),
      behind: { kind: 'failed', layer: 'b' },
    })
    expect(failed.total).toBe(0)
    const filtered = await ask(service, 'results.coverage', {
      ...subject(),
      filter: { ids: [card('park-0001').id] },
    })
    expect(new Set(filtered.points.map(({ imageId }) => imageId))).toEqual(
      new Set([card('park-0001').id]),
    )
  })

  test('answers follow what is drawn, undone and done again', async () => {
    const { service, b, card } = sample()
    const { id: imageId } = card('park-0001')
    const filter = { ids: [imageId] }
    const patches = async () =>
      (await ask(service, 'results.coverage', { b, filter })).points.length
    const before = await patches()
    for (const x of [10, 60]) await ask(service, 'patches.draw', { imageId, box: [x, 10, 30, 30] })
    const counts = [await patches()]
    for (const step of ['undo.undo', 'undo.undo', 'undo.redo', 'undo.undo'] as const) {
      await ask(service, step, {})
      counts.push(await patches())
    }
    expect(counts.map((count) => count - before)).toEqual([2, 1, 0, 1, 0])
  })

  test('answers follow annotations that are imported into the data set', async () => {
    const { service, b, dataset, outside, card } = sample()
    const persons = async () =>
      (await ask(service, 'results.perClass', { b })).classes.find((one) => one.class === 'person')
        ?.b?.objects ?? 0
    const before = await persons()
    const { name } = card('park-0001')
    const folder = join(outside, 'more')
    mkdirSync(join(folder, 'images'), { recursive: true })
    copyFileSync(join(service.folder, 'project/sample/images', name), join(folder, 'images', name))
    const person = { id: 1, image_id: 1, category_id: 1, bbox: [10, 10, 40, 30], area: 1200 }
    const document = {
      images: [{ id: 1, file_name: name, width: 640, height: 480 }],
      categories: [{ id: 1, name: 'person' }],
      annotations: [{ ...person, iscrowd: 0 }],
    }
    writeFileSync(join(folder, 'annotations.json'), JSON.stringify(document))
    const { grant } = await ask(service, 'grants.fromPath', { path: folder })
    const { jobId } = await ask(service, 'import.start', { grant, into: dataset, verify: true })
    await jobEnd(service, jobId)
    const { there } = await ask(service, 'import.report', { jobId })
    expect(there).toEqual({ images: 1, objects: 0, patches: 0 })
    expect(await persons()).toBe(before + 1)
  })

  test('without runs or truth the answers say what is missing', async () => {
    const { service, a, b } = sample()
    expect((await ask(service, 'results.perClass', {})).needs).toBe('run-b')
    expect((await ask(service, 'results.coverage', { a })).needs).toBe('run-b')
    expect((await ask(service, 'results.transitions', { b })).needs).toBe('run-a')
    expect(await refusal(service, 'results.summary', { b: 999 })).toBe('E_ROW_UNKNOWN')
  })
})

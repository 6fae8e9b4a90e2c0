import { expect, test } from 'vitest'
import type { Output } from '../../../src/shared/api'
import { ask, refusal } from './open-service'
import { procedureTests } from './procedure-tests'

procedureTests('library', (sample) => {
  test('cards carry marks, changes and what is drawn over them', () => {
    const { cards } = sample()
    expect(cards).toHaveLength(12)
    const changes = cards.map(({ marks }) => marks.changes?.change ?? -1)
    expect(changes).toEqual(changes.toSorted((x, y) => y - x))
    expect(changes[0]).toBeGreaterThan(0.3)
    const patched = cards.filter(({ name }) => name.includes('patched'))
    expect(patched).toHaveLength(7)
    for (const { marks, overlay } of patched) {
      expect(marks.patches).toBeGreaterThan(0)
      expect(overlay?.mask).not.toBeNull()
      const { gained, moved, relabelled, lost } = marks.changes ?? {}
      const count = (kind: string) => overlay?.kinds.filter((one) => one === kind).length
      expect([count('gained'), count('moved'), count('relabelled'), overlay?.lost.length]).toEqual([
        ...[gained, moved, relabelled, lost],
      ])
      expect(overlay?.kinds).toHaveLength(overlay?.boxes.length ?? -1)
    }
    for (const { marks } of cards.filter(({ name }) => !name.includes('patched'))) {
      expect(marks).toMatchObject({ patches: 0, changes: { change: 0, gained: 0, lost: 0 } })
    }
  })

  test('lists are filtered, ordered, counted and paged', async () => {
    const { service, a, b, dataset, cards } = sample()
    const all = await ask(service, 'images.ids', { order: { by: 'name' } })
    const names = all.ids.map((id) => cards.find((one) => one.id === id)?.name ?? '')
    expect(names).toEqual(names.toSorted())
    const down = await ask(service, 'images.ids', {
      order: { by: 'name', descending: true },
      from: 2,
      limit: 3,
    })
    expect(down.ids).toEqual(all.ids.toReversed().slice(2, 5))
    expect(down.total).toBe(12)
    const filter = { outcome: { run: b, patchFound: true }, dataset }
    expect((await ask(service, 'images.count', { filter })).count).toBe(7)
    const none = { outcome: { run: b, state: 'failed' as const } }
    expect((await ask(service, 'images.count', { filter: none })).count).toBe(0)
    const strong = { changed: { a, b, min: 0.5 } }
    const { ids } = await ask(service, 'images.ids', { filter: strong })
    expect(new Set(ids)).toEqual(
      new Set(cards.filter(({ marks }) => (marks.changes?.change ?? 0) >= 0.5).map(({ id }) => id)),
    )
    const paged: number[] = []
    for (let after: string | null = null; ;) {
      const page: Output<'images.list'> = await ask(service, 'images.list', {
        limit: 5,
        after,
        order: { by: 'name' },
      })
      paged.push(...page.rows.map(({ id }) => id))
      if (page.next === null) break
      after = page.next
    }
    expect(paged).toEqual(all.ids)
    const [first = 0, second = 0, third = 0] = all.ids
    expect(await ask(service, 'images.position', { id: second, order: { by: 'name' } })).toEqual({
      ...{ position: 1, total: 12, previous: first, next: third },
    })
    expect(await refusal(service, 'images.list', { after: '999' })).toBe('E_CURSOR_INVALID')
    expect(await refusal(service, 'images.ids', { order: { by: 'change', a: 77, b } })).toBe(
      'E_ROW_UNKNOWN',
    )
  })

  test('facets say what happened', async () => {
    const { service, a, b, dataset } = sample()
    const facets = await ask(service, 'images.facets', { dataset, a, b })
    expect(facets).toMatchObject({
      images: 12,
      patch: { with: 7, without: 5 },
      happened: { done: 12, patchFound: 7, failed: 0 },
    })
    expect(facets.happened?.rungs.reduce((sum, { images }) => sum + images, 0)).toBe(7)
    expect(facets.happened?.changeHistogram.reduce((sum, n) => sum + n, 0)).toBe(
      facets.happened?.changed,
    )
    expect((await ask(service, 'images.facets', {})).happened).toBeNull()
  })

  test('a search becomes a filter, and words are proposed', async () => {
    const { service, a, b, cards } = sample()
    const { filter, faults } = await ask(service, 'images.parseQuery', {
      text: 'patch:yes change>0.3 street',
      a,
      b,
    })
    expect(faults).toEqual([])
    const streets = cards.filter(({ name }) => name.startsWith('street'))
    const wanted = streets
      .filter(({ marks }) => (marks.changes?.change ?? 0) > 0.3)
      .map(({ id }) => id)
    expect(wanted.length).toBeGreaterThan(0)
    expect(wanted.length).toBeLessThan(streets.length)
    const { ids } = await ask(service, 'images.ids', { filter })
    expect(new Set(ids)).toEqual(new Set(wanted))
    const { suggestions } = await ask(service, 'images.complete', { text: 'class:po' })
    expect(suggestions).toEqual(['class:"potted plant"'])
  })

  test('tags and states are undoable steps, and excluded pictures are out of sight', async () => {
    const { service, cards } = sample()
    const [one = 0, two = 0] = cards.map(({ id }) => id)
    await ask(service, 'images.tag', { selection: { ids: [one, two] }, add: ['look again'] })
    expect((await ask(service, 'images.ids', { filter: { tag: ['look again'] } })).ids).toEqual(
      [one, two].sort((p, q) => p - q),
    )
    await ask(service, 'images.remove', { selection: { filter: { tag: ['look again'] } } })
    expect((await ask(service, 'images.ids', {})).total).toBe(10)
    expect((await ask(service, 'images.ids', { filter: { status: ['excluded'] } })).total).toBe(2)
    const { undo } = await ask(service, 'undo.state', {})
    expect(undo).toBe('Mark 2 images as excluded')
    await ask(service, 'undo.undo', {})
    await ask(service, 'undo.undo', {})
    expect((await ask(service, 'images.ids', {})).total).toBe(12)
    expect((await ask(service, 'images.facets', {})).tag).toEqual([])
    await ask(service, 'images.setStatus', { selection: { ids: [one] }, status: 'reviewed' })
    expect((await ask(service, 'images.cards', { ids: [one, 4_711] })).cards).toMatchObject([
      { status: 'reviewed' },
    ])
    expect(await ask(service, 'images.attributes', { id: one })).toHaveProperty('attributes')
    expect(await refusal(service, 'images.tag', { selection: { ids: [] }, add: ['x'] })).toBe(
      'E_SELECTION_EMPTY',
    )
  })

  test('data sets are listed, renamed and told of', async () => {
    const { service, dataset } = sample()
    expect((await ask(service, 'datasets.get', { id: dataset })).categories.length).toBeGreaterThan(
      10,
    )
    await ask(service, 'datasets.rename', { id: dataset, name: 'Scenes' })
    expect((await ask(service, 'datasets.list', {})).datasets).toMatchObject([
      { name: 'Scenes', images: 12 },
    ])
    await ask(service, 'datasets.rename', { id: dataset, name: 'Sample' })
    expect((await ask(service, 'datasets.problems', { id: dataset })).rows).toEqual([])
  })
})

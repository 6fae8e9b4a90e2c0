import { expect, test } from 'vitest'
import { ask, jobEnd, refusal } from './open-service'
import { procedureTests } from './procedure-tests'

procedureTests('annotations', (sample) => {
  test('patches are drawn, changed, decided, and every step has a name and can be taken back', async () => {
    const { service, card } = sample()
    const { id: imageId } = card('street-0003')
    const { patch } = await ask(service, 'patches.draw', {
      imageId,
      box: [10, 20, 40, 50],
      drawnAs: { kind: 'rectangle' },
    })
    expect(patch).toMatchObject({
      status: 'accepted',
      author: 'drawn',
      drawnAs: { kind: 'rectangle' },
      box: [10, 20, 40, 50],
    })
    await ask(service, 'patches.change', { id: patch.id, box: [10, 20, 54, 54] })
    await ask(service, 'patches.change', { id: patch.id, box: [12, 20, 54, 54], name: 'poster' })
    await ask(service, 'patches.setStatus', { ids: [patch.id], status: 'rejected' })
    const { steps } = await ask(service, 'undo.history', { imageId })
    expect(steps.map(({ name }) => name)).toEqual([
      'Reject 1 patch',
      'Move patch 1',
      'Resize patch 1 to 54 × 54 px',
      'Draw rectangle, patch',
    ])
    await ask(service, 'undo.goTo', { id: steps[2]?.id ?? 0 })
    const now = await ask(service, 'annotations.get', { id: imageId })
    expect(now.patches).toMatchObject([{ box: [10, 20, 54, 54], status: 'accepted', name: null }])
    expect((await ask(service, 'undo.redo', {})).imageIds).toEqual([imageId])
    await ask(service, 'patches.delete', { ids: [patch.id] })
    expect((await ask(service, 'annotations.get', { id: imageId })).patches).toEqual([])
    expect(await refusal(service, 'patches.draw', { imageId, box: [0, 0, 0, 5] })).toBe(
      'E_EDIT_INVALID',
    )
    const wrong = { mask: { width: 3, height: 3, text: '09' } }
    expect(
      await refusal(service, 'patches.draw', { imageId, box: [0, 0, 3, 3], shape: wrong }),
    ).toBe('E_EDIT_INVALID')
    const malformed = { mask: { width: 3, height: 3, text: '~~' } }
    expect(
      await refusal(service, 'patches.draw', { imageId, box: [0, 0, 3, 3], shape: malformed }),
    ).toBe('E_RLE_MALFORMED')
    expect(await refusal(service, 'patches.change', { id: 4_711, name: 'x' })).toBe('E_ROW_UNKNOWN')
  })

  test('objects are added, changed and deleted', async () => {
    const { service, card } = sample()
    const { id: imageId } = card('street-0003')
    const { object } = await ask(service, 'objects.add', {
      imageId,
      class: 'zebra',
      box: [1, 2, 30, 40],
    })
    expect(object).toMatchObject({ class: 'zebra', area: 1_200 })
    const changed = await ask(service, 'objects.change', {
      id: object.id,
      class: 'dog',
      box: [1, 2, 10, 10],
    })
    expect(changed.object).toMatchObject({ class: 'dog', area: 100 })
    await ask(service, 'objects.delete', { ids: [object.id] })
    expect(await refusal(service, 'objects.delete', { ids: [object.id] })).toBe('E_ROW_UNKNOWN')
  })

  test('a click proposes the patch under it, in the shape that was asked for', async () => {
    const { service, card } = sample()
    const { id: imageId } = card('park-0001')
    const [truth] = (await ask(service, 'annotations.get', { id: imageId })).patches
    const [x = 0, y = 0, width = 0, height = 0] = truth?.box ?? []
    const at: [number, number] = [x + width / 2, y + height / 2]
    const found = await ask(service, 'patches.propose', { imageId, at })
    expect(found.proposals).toHaveLength(1)
    expect(found.sides.length).toBeGreaterThan(3)
    const overlap = (box: readonly number[]) => {
      const [p = 0, q = 0, w = 0, h = 0] = box
      const across = Math.min(p + w, x + width) - Math.max(p, x)
      const down = Math.min(q + h, y + height) - Math.max(q, y)
      const shared = Math.max(0, across) * Math.max(0, down)
      return shared / (w * h + width * height - shared)
    }
    expect(overlap(found.proposals[0]?.box ?? [])).toBeGreaterThan(0.7)
    for (const shape of ['square', 'circle', 'as-found'] as const) {
      const other = await ask(service, 'patches.propose', { imageId, at, shape })
      expect(other.reused).toBe(true)
      expect(other.proposals[0]?.raw).toEqual(found.proposals[0]?.raw)
      expect(overlap(other.proposals[0]?.box ?? [])).toBeGreaterThan(0.4)
    }
    const sized = await ask(service, 'patches.propose', { imageId, at, shape: 'square', side: 100 })
    expect(sized.proposals[0]).toMatchObject({ shape: 'square', side: 100 })
    expect((await ask(service, 'patches.propose', { imageId, at: [2, 2] })).proposals).toEqual([])
    const inside = await ask(service, 'patches.propose', {
      imageId,
      within: [x, y, x + width, y + height],
    })
    expect(inside.proposals).toHaveLength(1)
    const everywhere = await ask(service, 'patches.propose', { imageId })
    expect(everywhere.proposals.some((one) => overlap(one.box) > 0.7)).toBe(true)
    const [proposal] = found.proposals
    if (!proposal) throw new Error('nothing was proposed')
    const kept = await ask(service, 'patches.keepProposals', {
      imageId,
      segmenter: proposal.segmenter,
      params: {},
      proposals: [
        {
          box: proposal.box,
          shape: { mask: proposal.mask },
          drawnAs: { kind: 'completed', rung: proposal.rung ?? 0 },
        },
      ],
    })
    expect(kept.patches).toMatchObject([
      { status: 'proposed', author: 'segmenter', segmenter: 'sac-lite' },
    ])
    const queue = await ask(service, 'review.queue', { show: 'to-do' })
    expect(queue).toMatchObject({
      total: 1,
      toDo: 1,
      rows: [{ imageId, proposals: 1, state: 'to-do' }],
    })
    expect((await ask(service, 'review.accept', { imageId })).patches).toBe(1)
    expect((await ask(service, 'patches.list', { status: 'accepted' })).rows).toMatchObject([
      { imageId },
    ])
    expect((await ask(service, 'review.queue', {})).accepted).toBe(1)
    expect(
      await refusal(service, 'patches.propose', {
        imageId,
        params: { segmenter: 'patchwarden-nano' },
      }),
    ).toBe('E_MODEL_TASK')
  })

  test('what a run took out becomes proposals of many pictures, to accept or reject', async () => {
    const { service, a, b, card } = sample()
    const { ids } = await ask(service, 'images.ids', { filter: { patch: false } })
    const { jobId } = await ask(service, 'patches.proposeAll', { run: b, imageIds: ids })
    expect(await jobEnd(service, jobId)).toMatchObject({ state: 'done', total: ids.length })
    expect(await refusal(service, 'patches.proposeAll', { run: a })).toBe('E_RUN_WITHOUT_MASKS')
    const { id: imageId } = card('street-0012')
    expect(await ask(service, 'review.reject', { imageId })).toEqual({ patches: 0 })
    expect(await ask(service, 'images.acceptPatches', { selection: { ids } })).toMatchObject({
      images: ids.length,
    })
  })
})

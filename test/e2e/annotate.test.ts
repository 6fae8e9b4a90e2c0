import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeApp, expectAccessible, useApp } from './support/app'
import { holdAnswers } from './support/hold-answers'

const PATCHED = 1

/** What is polled comes from a service that may be busy: the usual second is not enough. */
const soon = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 30_000 })

describeApp('the Annotate screen', () => {
  const app = useApp({ scenes: 3, defended: true })

  async function openAt(index: number): Promise<{ page: Page; id: number; canvas: Locator }> {
    const { ids } = await app.service.call('images.ids', {})
    const id = ids[index] ?? 0
    const page = await app.open(`#/annotate/${id}`)
    const canvas = page.getByRole('application')
    await canvas.waitFor()
    // The picture is there when its size is: the zoom is then no longer 100 %.
    await soon(() => page.getByRole('button', { name: 'Zoom' }).innerText()).not.toContain('100 %')
    return { page, id, canvas }
  }

  const patchesOf = async (id: number) =>
    (await app.service.call('annotations.get', { id })).patches

  test('what the run found is taken over, ready to be corrected, and can be undone', async () => {
    const { page, id, canvas } = await openAt(PATCHED)
    await page.getByText(/^Run B found \d+ patch/).waitFor()
    await page.getByRole('button', { name: /^Correct (its mask|their masks)$/ }).click()
    await soon(async () => (await patchesOf(id))[0]?.status).toBe('proposed')
    await soon(() => page.locator('.patches button[aria-pressed="true"]').count()).toBe(1)
    await expectAccessible(page, 'Annotate, with what the run found')
    await canvas.focus()
    await page.keyboard.press('Control+z')
    await soon(() => patchesOf(id)).toEqual([])
  })

  test('rectangle, nudge, exact numbers, undo and redo: each is kept at once', async () => {
    const { page, id, canvas } = await openAt(0)
    await page.keyboard.press('r')
    await drag(page, canvas, [0.4, 0.4], [0.5, 0.55])
    await soon(async () => (await patchesOf(id)).length).toBe(1)
    const [drawn] = await patchesOf(id)
    expect(drawn).toMatchObject({ author: 'drawn', status: 'accepted' })
    await page.getByRole('textbox', { name: 'Width in pixels' }).waitFor()

    await canvas.focus()
    await page.keyboard.press('ArrowRight')
    await soon(async () => (await patchesOf(id))[0]?.box[0]).toBe((drawn?.box[0] ?? 0) + 1)

    const width = page.getByRole('textbox', { name: 'Width in pixels' })
    await width.fill('54')
    await page.keyboard.press('Enter')
    await soon(async () => (await patchesOf(id))[0]?.box[2]).toBe(54)
    await width.fill('-3')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    expect((await patchesOf(id))[0]?.box[2]).toBe(54)

    await canvas.focus()
    await page.keyboard.press('Control+z')
    await soon(async () => (await patchesOf(id))[0]?.box[2]).toBe(drawn?.box[2])
    await page.keyboard.press('Control+Shift+z')
    await soon(async () => (await patchesOf(id))[0]?.box[2]).toBe(54)
    await expectAccessible(page, 'Annotate')
  })

  test('a number that is being typed outlives the answer to the one before', async () => {
    const { page, id, canvas } = await openAt(0)
    await page.keyboard.press('r')
    await drag(page, canvas, [0.1, 0.6], [0.2, 0.75])
    const width = page.getByRole('textbox', { name: 'Width in pixels' })
    await width.waitFor()
    const patches = (await patchesOf(id)).length
    const goOn = await holdAnswers(page, '**/api/image.get')
    await width.fill('54')
    await page.keyboard.press('Enter')
    await soon(async () => (await patchesOf(id))[patches - 1]?.box[2]).toBe(54)
    await width.pressSequentially('1')
    goOn()
    await page.getByRole('list', { name: 'Patches' }).getByText('54 × ').waitFor()
    expect(await width.inputValue()).toBe('541')
    await page.unrouteAll({ behavior: 'wait' })
  })

  test('polygon, circle and object box', async () => {
    const { page, id, canvas } = await openAt(2)
    await page.keyboard.press('g')
    for (const [x, y] of [
      [0.3, 0.3],
      [0.4, 0.32],
      [0.35, 0.42],
    ] as const)
      await click(page, canvas, x, y)
    await page.keyboard.press('Enter')
    await soon(async () => (await patchesOf(id)).length).toBe(1)
    expect((await patchesOf(id))[0]?.shape?.polygons?.[0]).toHaveLength(6)
    await page.keyboard.press('c')
    await drag(page, canvas, [0.6, 0.5], [0.7, 0.6])
    await soon(async () => (await patchesOf(id)).length).toBe(2)
    expect((await patchesOf(id))[1]).toMatchObject({ drawnAs: { kind: 'circle' } })

    const objects = async () => (await app.service.call('annotations.get', { id })).objects
    const before = (await objects()).length
    await page.keyboard.press('o')
    await drag(page, canvas, [0.2, 0.6], [0.3, 0.75])
    await soon(async () => (await objects()).length).toBe(before + 1)
    await page.getByRole('combobox', { name: 'Class' }).fill('statue <b>&')
    await page.keyboard.press('Enter')
    await soon(async () => (await objects()).map((one) => one.class)).toContain('statue <b>&')
  })

  test('a click on a patch proposes its shape; it counts once it is accepted', async () => {
    const { page, id, canvas } = await openAt(PATCHED)
    const { rows } = await app.service.call('runs.list', {})
    const run = rows.find(({ defense }) => defense !== null)?.id ?? 0
    const { result } = await app.service.call('image.result', { id, run })
    const { proposals } = await app.service.call('patches.propose', { imageId: id })
    const [x = 0, y = 0, width = 0, height = 0] = proposals[0]?.box ?? []
    expect(result?.masks.length).toBeGreaterThan(0)
    await page.keyboard.press('p')
    await clickPicture(page, canvas, x + width / 2, y + height / 2)
    const dock = page.getByRole('group', { name: 'Proposal' })
    await dock.getByText(/rung/).waitFor()
    expect(await patchesOf(id)).toEqual([])
    await page.keyboard.press('Enter')
    await soon(async () => (await patchesOf(id)).map(({ status }) => status)).toEqual(['accepted'])
    await dock.waitFor({ state: 'detached' })

    // Where there is none, it says so, and what to do.
    await page.keyboard.press('p')
    await click(page, canvas, 0.08, 0.2)
    await dock.getByText(/No patch found here\. Draw it, or lower the threshold/).waitFor()
    await page.keyboard.press('Escape')
  })

  test('a mask corrected with the brush is there after the service was killed, and so is undo', async () => {
    const { page, id, canvas } = await openAt(PATCHED)
    const areaOf = async (): Promise<string> =>
      JSON.stringify((await patchesOf(id))[0]?.shape ?? null)
    if ((await patchesOf(id)).length === 0) {
      await page.keyboard.press('r')
      await drag(page, canvas, [0.3, 0.3], [0.4, 0.4])
      await soon(async () => (await patchesOf(id)).length).toBe(1)
    }
    await page
      .getByRole('button', { name: /Patch 1/ })
      .first()
      .click()
    const before = await areaOf()
    await canvas.focus()
    await page.keyboard.press('b')
    await drag(page, canvas, [0.3, 0.7], [0.45, 0.75])
    await soon(areaOf).not.toBe(before)
    const brushed = await areaOf()

    app.allow(
      page,
      /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|Failed to load|EventSource|ERR_NETWORK/,
    )
    await app.service.kill()
    await app.restart()
    expect(await areaOf()).toBe(brushed)
    const again = await app.open(`#/annotate/${id}`)
    await again.getByRole('button', { name: /^Undo: / }).waitFor()
    await again.getByRole('application').focus()
    await again.keyboard.press('Control+z')
    await soon(areaOf).toBe(before)
  })

  test('accepting goes on to the next picture that waits; so does rejecting, and what was decided is counted', async () => {
    const { ids } = await app.service.call('images.ids', {})
    const [first = 0, , third = 0] = ids
    for (const imageId of [first, third]) {
      await app.service.call('patches.keepProposals', {
        ...{ imageId, segmenter: 'test', params: {} },
        proposals: [{ box: [10, 10, 40, 40] }],
      })
    }
    const { page } = await openAt(0)
    await page
      .getByRole('link', { name: /proposal/ })
      .first()
      .waitFor()
    await page.keyboard.press('y')
    await page.waitForFunction((id) => location.hash.startsWith(`#/annotate/${id}`), third)
    expect((await patchesOf(first)).every(({ status }) => status === 'accepted')).toBe(true)
    await page.getByRole('button', { name: /^Patch .*proposed/ }).waitFor()
    await page.keyboard.press('n')
    await soon(async () =>
      (await patchesOf(third)).some(({ status }) => status === 'rejected'),
    ).toBe(true)
    expect((await app.service.call('review.queue', {})).toDo).toBe(0)
  })

  test('Image and Annotate share one view of the picture', async () => {
    const { page, id, canvas } = await openAt(0)
    const box = await canvas.boundingBox()
    await page.mouse.move((box?.x ?? 0) + 300, (box?.y ?? 0) + 300)
    await page.mouse.wheel(0, -600)
    const zoom = page.getByRole('button', { name: 'Zoom' })
    const percent = await zoom.innerText()
    await page.keyboard.press('a')
    await page.waitForFunction((same) => location.hash.startsWith(`#/image/${same}`), id)
    await page
      .getByRole('slider', { name: 'Divider' })
      .or(page.getByText('Before'))
      .first()
      .waitFor()
    expect(await zoom.innerText()).toBe(percent)
  })
})

async function click(page: Page, canvas: Locator, x: number, y: number): Promise<void> {
  const box = await canvas.boundingBox()
  if (!box) throw new Error('the canvas is not on the screen')
  await page.mouse.click(box.x + x * box.width, box.y + y * box.height)
}

/** Clicks a point given in pixels of the picture, which is fitted into the canvas. */
async function clickPicture(page: Page, canvas: Locator, x: number, y: number): Promise<void> {
  const box = await canvas.boundingBox()
  if (!box) throw new Error('the canvas is not on the screen')
  const [width, height] = [640, 480]
  const scale = Math.min((box.width - 32) / width, (box.height - 32) / height)
  await page.mouse.click(
    box.x + (box.width - scale * width) / 2 + scale * x,
    box.y + (box.height - scale * height) / 2 + scale * y,
  )
}

async function drag(
  page: Page,
  canvas: Locator,
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
): Promise<void> {
  const box = await canvas.boundingBox()
  if (!box) throw new Error('the canvas is not on the screen')
  await page.mouse.move(box.x + x1 * box.width, box.y + y1 * box.height)
  await page.mouse.down()
  await page.mouse.move(box.x + x2 * box.width, box.y + y2 * box.height, { steps: 6 })
  await page.mouse.up()
}

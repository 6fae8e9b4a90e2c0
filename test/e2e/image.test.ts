import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeApp, expectAccessible, useApp } from './support/app'

// Scenes 2 and 3 hold a patch; see scenes.ts.
const PATCHED = 1

/** What is polled comes from a service that may be busy: the usual second is not enough. */
const soon = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 30_000 })

describeApp('the Image screen', () => {
  const app = useApp({ scenes: 3, defended: true })

  async function openPatched(): Promise<{ page: Page; id: number }> {
    const { ids } = await app.service.call('images.ids', {})
    const id = ids[PATCHED] ?? 0
    const page = await app.open(`#/image/${id}`)
    await page.getByRole('tab', { name: /Removed/ }).waitFor()
    await layer(page, 'Patch removed').getByText('%').waitFor()
    return { page, id }
  }

  const layer = (page: Page, name: string) =>
    page.getByRole('switch', { name: new RegExp(`^${name}`) })

  test('shows what the defense found, in numbers, in words and as a list', async () => {
    const { page, id } = await openPatched()
    const { a, b } = await chosenPair()
    const compared = await app.service.call('image.compare', { id, a, b })
    for (const [name, count] of [
      ['Gained', compared.marks.gained],
      ['Lost', compared.marks.lost],
      ['Moved', compared.marks.moved],
    ] as const) {
      expect(await layer(page, name).innerText()).toContain(String(count))
    }
    const rows = page.getByRole('table', { name: 'Detections' }).locator('tbody tr')
    expect(await rows.count()).toBe(compared.differences.length)
    await page
      .getByRole('region', { name: 'In words' })
      .getByText(/patch(es)? (was|were) found and removed/)
      .waitFor()
    await expectAccessible(page, 'Image')
  })

  test('every layer has its key, and one can be shown alone', async () => {
    const { page } = await openPatched()
    const truth = layer(page, 'Ground truth')
    expect(await truth.getAttribute('aria-checked')).toBe('false')
    await page.keyboard.press('3')
    expect(await truth.getAttribute('aria-checked')).toBe('true')
    await page.getByRole('radio', { name: 'After' }).click()
    const before = await pixels(page)
    await page.keyboard.press('6')
    expect(await layer(page, 'Completed mask').getAttribute('aria-checked')).toBe('false')
    await soon(() => pixels(page)).not.toBe(before)
    await page.keyboard.press('Shift+2')
    await page.keyboard.press('d')
    expect(
      await page.getByRole('button', { name: 'Only the differences' }).getAttribute('aria-pressed'),
    ).toBe('true')
  })

  test('the divider moves by keyboard, and the two sides show different pictures', async () => {
    const { page } = await openPatched()
    const divider = page.getByRole('slider', { name: 'Divider' })
    await divider.focus()
    expect(await divider.getAttribute('aria-valuenow')).toBe('50')
    await page.keyboard.press('ArrowRight')
    expect(await divider.getAttribute('aria-valuenow')).toBe('51')
    await page.keyboard.press('Shift+ArrowRight')
    expect(await divider.getAttribute('aria-valuenow')).toBe('61')
    await page.keyboard.press('End')
    const allBefore = await pixels(page, 0)
    await page.keyboard.press('Home')
    await soon(() => pixels(page, 0)).not.toBe(allBefore)
    await divider.dblclick()
    expect(await divider.getAttribute('aria-valuenow')).toBe('50')
  })

  test('a list row and its box are one: choosing, lighting, zooming', async () => {
    const { page } = await openPatched()
    await page.keyboard.press('j')
    const chosen = page.getByRole('table', { name: 'Detections' }).locator('tbody tr[aria-current]')
    await chosen.waitFor()
    const plain = await pixels(page)
    await chosen.hover()
    await soon(() => pixels(page)).not.toBe(plain)
    await chosen.focus()
    const zoom = page.getByRole('button', { name: 'Zoom' })
    const percent = await zoom.innerText()
    await page.keyboard.press('Enter')
    await soon(() => zoom.innerText()).not.toBe(percent)
    await page.keyboard.press('0')
    await soon(() => zoom.innerText()).toBe(percent)
  })

  test('a changed setting runs this picture again, reuses what it can, and stores nothing', async () => {
    const { page } = await openPatched()
    const runs = (await app.service.call('runs.list', {})).rows.length
    const raw = layer(page, 'Raw mask')
    const share = await raw.innerText()
    await page.getByRole('textbox', { name: 'Threshold, exact value' }).fill('0.99')
    await page.keyboard.press('Enter')
    await soon(() => raw.innerText()).not.toBe(share)
    await page.getByText(/of \d+ reused/).waitFor()
    await page.getByRole('button', { name: 'Reset', exact: true }).last().click()
    await soon(() => raw.innerText()).toBe(share)
    expect((await app.service.call('runs.list', {})).rows).toHaveLength(runs)
  })

  test('the list is walked by key, and the address says where one is', async () => {
    const { page, id } = await openPatched()
    await page.keyboard.press('.')
    await page.waitForFunction(
      (other) => !location.hash.includes(`/${other}?`) && !location.hash.endsWith(`/${other}`),
      id,
    )
    await page.keyboard.press(',')
    await page.waitForFunction((same) => location.hash.startsWith(`#/image/${same}`), id)
  })

  test('a mask that is accepted here is a patch of the picture, and undo takes it back', async () => {
    const { page, id } = await openPatched()
    await page.keyboard.press('y')
    await soon(async () =>
      (await app.service.call('annotations.get', { id })).patches.map(({ status }) => status),
    ).toContain('accepted')
    const isReviewed = async () =>
      (await app.service.call('image.get', { id })).card.status === 'reviewed'
    expect(await isReviewed()).toBe(true)
    await app.service.call('undo.undo', {})
    expect((await app.service.call('annotations.get', { id })).patches).toEqual([])
    expect(await isReviewed()).toBe(false)
  })

  async function chosenPair(): Promise<{ a: number; b: number }> {
    const { rows } = await app.service.call('runs.list', {})
    return {
      a: rows.find(({ defense }) => defense === null)?.id ?? 0,
      b: rows.find(({ defense }) => defense !== null)?.id ?? 0,
    }
  }
})

/** A text that stands for what a canvas shows: the picture (0) or the marks on it (1). */
async function pixels(page: Page, canvas = 1): Promise<string> {
  return page.evaluate(async (index) => {
    // What was asked for is drawn in the next frame.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const canvases = document.querySelectorAll<HTMLCanvasElement>('[role="application"] canvas')
    return canvases[index]?.toDataURL() ?? ''
  }, canvas)
}

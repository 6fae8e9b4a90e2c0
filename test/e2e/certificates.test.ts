import { appendFileSync, cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { packageRoot } from '../support/program'
import { describeApp, ended, expectAccessible, useApp } from './support/app'

const panel = (page: Page) => page.locator('[data-certificate]')
const slider = (page: Page) => panel(page).getByRole('slider', { name: 'Size of the patch' })

describeApp('Certificates', () => {
  const app = useApp({ scenes: 3, defended: true })
  /** The defended run, the first picture with boxes, and the run that certifies them. */
  let b = 0
  let image = 0
  let certify = 0

  beforeAll(async () => {
    const { rows } = await app.service.call('runs.list', {})
    b = rows.find((run) => run.defense !== null)?.id ?? 0
    const { ids } = await app.service.call('images.ids', {})
    for (const id of ids.toReversed()) {
      const { result } = await app.service.call('image.result', { id, run: b })
      if ((result?.found.length ?? 0) > 1) image = id
    }
  })

  test('are offered where there are none, and a run of them is started from Runs', async () => {
    const page = await app.open('#/results?tab=certificates')
    await page.getByText('Nothing was proven or tried for B').waitFor()
    await page.getByRole('button', { name: 'Certify boxes of B…' }).click()
    await page.waitForURL(/#\/runs/)
    const form = page.getByRole('group', { name: 'Start' })
    await form.getByText(/3 pictures to do/).waitFor()
    expect(await page.getByLabel('Classifier').inputValue()).toBe('crops-columns')
    expect(await page.getByLabel('What is certified').inputValue()).toBe(String(b))

    // A refusal comes in plain words, before anything is started.
    await page.getByLabel('Against a patch of').fill('large')
    await form.getByText('"large" is not the size of a patch').waitFor()
    await page.getByLabel('Against a patch of').fill('')
    await page.getByLabel('Method').selectOption('objectseeker')
    await form.getByText(/no annotated objects/).waitFor()
    await page.getByLabel('Method').selectOption('derandomized-smoothing')
    await form.getByText(/3 pictures to do/).waitFor()
    const { methods } = await app.service.call('certificates.methods', {})
    const unfit = methods
      .find(({ id }) => id === 'derandomized-smoothing')
      ?.models.filter(({ refusal }) => refusal !== null)
    expect(await page.getByLabel('Classifier').locator('option[disabled]').count()).toBe(
      unfit?.length,
    )
    await expectAccessible(page, 'New run that certifies, dark')

    await page.getByLabel(/^Name/).fill('Proof')
    await page.getByRole('button', { name: 'Start' }).click()
    const row = page
      .getByRole('grid', { name: 'Runs' })
      .getByRole('row')
      .filter({ hasText: 'Proof' })
    await row.getByText('Done', { exact: true }).waitFor()
    expect(await row.textContent()).toContain('certifies: derandomized-smoothing')
    const { rows } = await app.service.call('runs.list', {})
    const made = rows.find(({ name }) => name === 'Proof')
    expect(made).toMatchObject({ kind: 'certify', done: 3, failed: 0, total: 3 })
    certify = made?.id ?? 0
  })

  test.each(['light', 'dark'] as const)(
    'of a picture have a map for every size, and say why no more, %s',
    async (theme) => {
      const page = await app.open(`#/image/${image}`, { theme })
      const { certificates } = await app.service.call('certificates.ofImage', { id: image, run: b })
      const first = certificates.find(({ certified }) => certified) ?? certificates[0]
      if (!first) throw new Error('nothing was tried')
      await panel(page)
        .getByText(/class of this crop/)
        .waitFor()
      const said = await panel(page).textContent()
      expect(
        certificates.map(({ statement }) => statement).some((one) => said?.includes(one)),
      ).toBe(true)
      expect(said).toContain('box’s position')

      await panel(page).getByRole('button', { name: 'Show the map' }).click()
      await slider(page).focus()
      const before = await panel(page).getByRole('img').getAttribute('aria-label')
      // By key: to the widest, where the patch covers the whole box.
      for (let k = 0; k < 40; k++) await page.keyboard.press('Shift+ArrowRight')
      await panel(page)
        .getByText(/could change the class at every place/)
        .waitFor()
      expect(await panel(page).getByRole('img').getAttribute('aria-label')).not.toBe(before)
      for (let k = 0; k < 60; k++) await page.keyboard.press('Shift+ArrowLeft')

      await panel(page).getByRole('button', { name: 'Why no more' }).click()
      await panel(page)
        .getByText(/The vote was \d+ for/)
        .last()
        .waitFor()
      await panel(page)
        .getByText(/takes a lead of \d+/)
        .last()
        .waitFor()
      await panel(page)
        .getByText(/up to \d+.px can be proven|no size can be proven/)
        .waitFor()
      await panel(page).getByRole('table', { name: 'Small changes everywhere' }).waitFor()
      await expectAccessible(page, `Image with a certificate, ${theme}`)
    },
  )

  test('a whole picture is certified from Image', async () => {
    const page = await app.open(`#/image/${image}`)
    await panel(page).getByRole('button', { name: 'Certify this picture…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/1 picture to do/).waitFor()
    await expectAccessible(page, 'Certify this picture')
    await dialog.getByRole('button', { name: 'Start' }).click()
    await panel(page)
      .getByText(/class of this picture/)
      .waitFor()
    const { certificates } = await app.service.call('certificates.ofImage', {
      ...{ id: image, run: null },
    })
    expect(certificates).toHaveLength(1)
    expect(certificates[0]).toMatchObject({ box: null, stale: [] })
  })

  test.each(['dark', 'light'] as const)(
    'Results has their curves, and pictures behind each point, %s',
    async (theme) => {
      const page = await app.open('#/results?tab=certificates', { theme })
      const { curves } = await app.service.call('certificates.curves', { run: b })
      const curve = curves.find(({ run }) => run.id === certify)
      const steps = curve?.series[0]?.steps ?? []
      expect(steps.length).toBeGreaterThan(1)
      const plots = page.getByRole('application', { name: /^Certified/ })
      await plots.first().waitFor()
      expect(await plots.count()).toBe(curves.length)
      await plots.first().focus()
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('End')
      await page.keyboard.press('Enter')
      const behind = await app.service.call('results.images', {
        b,
        behind: {
          kind: 'certified',
          run: certify,
          method: 'derandomized-smoothing',
          series: 'all',
          size: steps.at(-1)?.size ?? 0,
        },
      })
      expect(behind.total).toBeGreaterThan(0)
      await page.getByText(behind.sentence).waitFor()
      await expectAccessible(page, `Certificates in Results, ${theme}`)
    },
  )

  test('go on after a crash, without doing anything twice', async () => {
    const { rows } = await app.service.call('images.list', {})
    const order = {
      ...{ method: 'derandomized-smoothing', model: 'crops-columns', params: { stride: 2 } },
      ...{ images: { ids: rows.map(({ id }) => id) }, boxesOf: b, name: 'Cut off' },
    }
    const { run, jobId } = await app.service.call('certificates.start', order)
    await app.service.call('jobs.pause', { id: jobId })
    await app.service.kill()
    await app.restart()
    const { job } = await app.service.call('jobs.get', { id: jobId })
    if (job.state !== 'done') {
      expect(job.isInterrupted).toBe(true)
      const resumed = await app.service.call('jobs.resume', { id: jobId })
      await ended(app.service, resumed.job.id)
    }
    const { run: after } = await app.service.call('runs.get', { id: run.id })
    expect(after).toMatchObject({ state: 'finished', done: 3, failed: 0 })
  })

  test('say so when the model is another one now', async () => {
    const own = join(app.project, 'models/crops-columns')
    cpSync(join(packageRoot, 'models/crops-columns'), own, { recursive: true })
    appendFileSync(join(own, 'model.onnx'), 'another')
    const page = await app.open(`#/image/${image}`, { theme: 'light' })
    await panel(page).getByText('This was proven for another model file.').waitFor()
    await panel(page).getByRole('button', { name: 'Prove it again…' }).waitFor()
    await expectAccessible(page, 'Stale certificate, light')
    await page.goto(`${app.service.origin}/#/results?tab=certificates`)
    await page
      .getByText(/Proven for another model file/)
      .first()
      .waitFor()
    await page.getByText('out of date').first().waitFor()
    await expectAccessible(page, 'Stale certificates in Results, light')
    rmSync(own, { recursive: true })
  })
})

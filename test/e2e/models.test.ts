import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { packageRoot } from '../support/program'
import { describeApp, expectAccessible, useApp } from './support/app'

const nano = join(packageRoot, 'models/patchwarden-nano/model.onnx')

describeApp('Models', () => {
  const app = useApp({ scenes: 2 })

  async function choose(page: Page, name: string, buffer: Buffer): Promise<void> {
    const file = { name, mimeType: 'application/octet-stream', buffer }
    await page.locator('input[type=file]').setInputFiles(file)
  }

  test.each(['dark', 'light'] as const)(
    'cards and catalogue without axe findings, %s',
    async (theme) => {
      const page = await app.open('#/models', { theme })
      const { models } = await app.service.call('models.list', {})
      const here = models.filter(({ source, available }) => source !== 'catalog' || available)
      await page.locator('[data-model]').first().waitFor()
      expect(await page.locator('[data-model]').count()).toBe(here.length)
      const toGet = models.filter((model) => !here.includes(model))
      for (const { name } of toGet) {
        expect(await page.getByRole('cell', { name, exact: true }).count()).toBeGreaterThan(0)
      }
      await expectAccessible(page, `Models, ${theme}`)
    },
  )

  test('a card shows licence, origin and digest; arrows walk the cards', async () => {
    const page = await app.open('#/models')
    const { models } = await app.service.call('models.list', {})
    const segmenter = models.find(
      ({ task, source }) => task === 'segment-patch' && source === 'shipped',
    )
    if (!segmenter) throw new Error('no segmenter is shipped')
    await page.locator(`[data-model="${segmenter.id}"]`).click()
    const panel = page.getByRole('complementary')
    await panel.getByText(segmenter.sha256 ?? 'no digest').waitFor()
    await panel
      .getByText(segmenter.licence ?? 'no licence')
      .first()
      .waitFor()
    await page.locator('[data-model]').first().focus()
    await page.keyboard.press('ArrowRight')
    const second = page.locator('[data-model]').nth(1)
    expect(await second.evaluate((element) => element === document.activeElement)).toBe(true)
  })

  test('every file is compared with its digest', async () => {
    const page = await app.open('#/models')
    await page.locator('[data-model]').first().waitFor()
    await page.getByRole('button', { name: 'Verify all' }).click()
    await page.getByText('File verified').first().waitFor()
    const { models } = await app.service.call('models.verify', {})
    expect(models.every(({ ok }) => ok)).toBe(true)
    expect(await page.getByText('File verified').count()).toBeGreaterThan(0)
  })

  test('an .onnx file runs on a sample before it is stored, and its licence is asked for', async () => {
    const before = await app.service.call('models.list', {})
    const page = await app.open('#/models')
    await choose(page, 'street yolo.onnx', readFileSync(nano))
    const panel = page.getByRole('complementary', { name: 'Add a model' })
    await panel.getByText('opens safely').waitFor()
    await panel.getByText(/Sample 1 · \d+ box/).waitFor()
    await expectAccessible(page, 'Add a model')
    // Nothing is stored by looking.
    expect((await app.service.call('models.list', {})).models.length).toBe(before.models.length)
    const licence = panel.getByLabel('Licence')
    await licence.fill('')
    await panel.getByRole('button', { name: 'Yes, add it' }).click()
    await panel.getByText('Say what its licence is').waitFor()
    await licence.fill('unknown')
    await panel.getByRole('button', { name: 'Yes, add it' }).click()
    await panel.waitFor({ state: 'detached' })
    const after = await app.service.call('models.list', {})
    const added = after.models.find(({ source }) => source === 'project')
    expect(added).toMatchObject({ available: true, licence: 'unknown', family: 'yolox' })
    await page.getByText('Licence unknown', { exact: true }).waitFor()

    await page.locator(`[data-model="${added?.id ?? ''}"]`).click()
    await page.getByRole('button', { name: 'Remove from the project' }).click()
    await page.getByRole('button', { name: 'Remove the model' }).click()
    await page.locator(`[data-model="${added?.id ?? ''}"]`).waitFor({ state: 'detached' })
  })

  test('a file that is no model is refused with its code', async () => {
    const page = await app.open('#/models')
    await choose(page, '<img src=x>.onnx', Buffer.from('this is no model'))
    const alert = page.getByRole('complementary').getByRole('alert')
    await alert.locator('code').waitFor()
    expect(await alert.locator('code').textContent()).toMatch(/^[A-Z_]+$/)
    expect(await page.locator('aside img').count()).toBe(0)
  })
})

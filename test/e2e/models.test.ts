import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { buildRenderer } from '../../build/desktop-build.js'
import { fileServer, inTurn, serve, status } from '../support/file-server'
import { permanentFolder } from '../support/permanent-folder'
import { packageRoot } from '../support/program'
import { catalogOf, largeModel } from '../support/pull-fixture'
import { families } from '../support/scripted-families'
import { scriptedModel } from '../support/scripted-model'
import { describeApp, expectAccessible, useApp } from './support/app'
import { type Faults, launchChromium, watchFaults } from './support/pages'
import { type Service, startService } from './support/service'

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

  test('where the boxes do not look right, the next way to read the file is tried', async () => {
    const page = await app.open('#/models')
    // Its outputs have the shape of two families.
    await choose(
      page,
      'two ways.onnx',
      Buffer.from(scriptedModel(families['yolox decoded in the graph'].script)),
    )
    const panel = page.getByRole('complementary', { name: 'Add a model' })
    const family = panel.getByLabel('Family', { exact: true })
    await panel.getByText(/Sample 1 · \d+ box/).waitFor()
    const first = await family.inputValue()
    const boxes = panel.locator('ul.sr-only li')
    const read = await boxes.allTextContents()
    expect(read.length).toBeGreaterThan(0)
    await panel.getByRole('button', { name: 'No, try next' }).click()
    await expect.poll(() => family.inputValue()).not.toBe(first)
    // The other reading of the same numbers does not give the same boxes, and can be left again.
    await expect.poll(() => boxes.allTextContents()).not.toEqual(read)
    await panel.getByRole('button', { name: 'No, try next' }).click()
    await expect.poll(() => family.inputValue()).toBe(first)
    await expect.poll(() => boxes.allTextContents()).toEqual(read)
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

describeApp('The catalogue of models', () => {
  const folder = permanentFolder('e2e-catalogue')
  const home = join(folder, 'home')
  let faults: Faults | undefined
  let browser: Browser | undefined
  let service: Service | undefined

  afterAll(async () => {
    await browser?.close()
    await service?.stop()
  })

  test('a model is fetched, told how far it is, and usable; a fault says why', async () => {
    const { url } = await fileServer(inTurn(status(404), serve(largeModel)))
    mkdirSync(join(folder, 'package/models'), { recursive: true })
    mkdirSync(home, { recursive: true })
    writeFileSync(join(folder, 'package/models/catalog.json'), JSON.stringify(catalogOf([url])))
    service = await startService({
      ...{ project: join(folder, 'project'), home, models: join(folder, 'package') },
      args: ['--pages', await buildRenderer(packageRoot)],
    })
    browser = await launchChromium()
    const page = await browser.newPage()
    faults = await watchFaults(page)
    await page.goto(service.url)
    await page.waitForSelector('main h1')
    await page.goto(`${service.origin}/#/models`)
    await page.getByRole('button', { name: 'Get pets' }).click()
    await page
      .getByText(/\(E_[A-Z_]+\)/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Get pets' }).click()
    await page.locator('[data-model="pets"]').waitFor()
    const { models } = await service.call('models.list', {})
    expect(models.find(({ id }) => id === 'pets')).toMatchObject({ available: true })
    expect(faults.all).toEqual([])
  })
})

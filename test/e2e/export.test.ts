import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeApp, expectAccessible, useApp } from './support/app'

describeApp('Export', () => {
  const app = useApp({ scenes: 3, defended: true })
  const exportsFolder = () => join(app.project, 'exports')

  async function run(page: Page, before: string | null = null): Promise<string> {
    await page.getByRole('button', { name: /^Export \d+ picture/ }).click()
    const path = page.locator('[data-export-path]')
    // An earlier result goes when the new export begins.
    if (before !== null) await path.filter({ hasNotText: before }).waitFor()
    else await path.waitFor()
    return (await path.textContent()) ?? ''
  }

  test.each(['dark', 'light'] as const)('says what is lost first, %s', async (theme) => {
    const page = await app.open('#/export', { theme })
    const report = page.getByRole('table', { name: 'What the file keeps and loses' })
    await report.waitFor()
    const { rows } = await app.service.call('runs.list', {})
    const b = rows.find((one) => one.defense !== null)?.id ?? 0
    const preview = await app.service.call('export.preview', {
      subject: { run: b },
      format: 'coco',
    })
    expect(await report.getByText('Lost', { exact: true }).count()).toBe(preview.losses.length)
    expect(await report.getByText('Kept', { exact: true }).count()).toBe(preview.kept.length)
    for (const { message } of preview.losses) await report.getByText(message).first().waitFor()
    await page.getByText(preview.command, { exact: true }).waitFor()
    expect(existsSync(exportsFolder())).toBe(false)
    await expectAccessible(page, `Export, ${theme}`)
  })

  test('writes a COCO file, and a second one beside it', async () => {
    const page = await app.open('#/export')
    await page.getByLabel(/^Name/).fill('street.json')
    const first = await run(page)
    expect(first).toBe(join(exportsFolder(), 'street.json'))
    const text = readFileSync(first, 'utf8')
    const coco = JSON.parse(text) as { images: unknown[]; annotations: unknown[] }
    expect(coco.images).toHaveLength(3)
    const { rows } = await app.service.call('runs.list', {})
    const b = rows.find((one) => one.defense !== null)
    expect(coco.annotations.length).toBeGreaterThanOrEqual(b?.detections ?? 0)

    // The name is taken now: it says what the new one will be called, and keeps what is there.
    await page.getByText('“street.json” exists.').waitFor()
    const second = await run(page, first)
    expect(second).toBe(join(exportsFolder(), 'street.1.json'))
    expect(readFileSync(first, 'utf8')).toBe(text)
    // Same content, same bytes.
    expect(readFileSync(second, 'utf8')).toBe(text)

    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download' }).click()
    const saved = join(app.folder, 'downloaded.json')
    await (await download).saveAs(saved)
    expect(readFileSync(saved, 'utf8')).toBe(text)
  })

  test('a data set goes out as YOLO with its pictures; formats of runs cannot take it', async () => {
    const page = await app.open('#/export')
    await page.getByRole('radio', { name: /with its annotations/ }).check()
    const results = page.getByRole('radio', { name: /results of runs only/ }).first()
    await results.waitFor()
    expect(await results.isDisabled()).toBe(true)
    await page.getByRole('radio', { name: /^YOLO/ }).click()
    await page.getByRole('heading', { name: 'Export to YOLO' }).waitFor()
    await page.getByLabel('Also copy the pictures').check()
    await page.getByLabel(/^Name/).fill('as-yolo')
    const path = await run(page)
    const files = readdirSync(path, { recursive: true, encoding: 'utf8' })
    expect(files.filter((name) => name.endsWith('.jpg'))).toHaveLength(3)
  })

  test('a name with a folder in it is refused before anything is written', async () => {
    const page = await app.open('#/export')
    await page.getByLabel(/^Name/).fill('../outside.json')
    await page.getByText('Type a name without').waitFor()
    expect(await page.getByRole('button', { name: /^Export \d+ picture/ }).isDisabled()).toBe(true)
    expect(existsSync(join(app.project, 'outside.json'))).toBe(false)
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Download, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { packageRoot } from '../support/program'
import { describeApp, expectAccessible, useApp } from './support/app'

const plot = (page: Page, title: string) => page.getByRole('application', { name: title })

describeApp('Results', () => {
  const app = useApp({ scenes: 4, defended: true })

  /** Objects that the bare run finds surely count as annotated: AP and its plots need something to compare with. */
  beforeAll(async () => {
    const { rows } = await app.service.call('runs.list', {})
    const bare = rows.find((run) => run.defense === null)
    const { ids } = await app.service.call('images.ids', {})
    for (const imageId of ids) {
      const { result } = await app.service.call('image.result', { id: imageId, run: bare?.id ?? 0 })
      for (const { box, class: name } of result?.found ?? []) {
        const [x1, y1, x2, y2] = box
        await app.service.call('objects.add', {
          ...{ imageId, class: name, box: [x1, y1, x2 - x1, y2 - y1] },
        })
      }
    }
    const [, patched = 0] = ids
    await app.service.call('patches.draw', { imageId: patched, box: [100, 100, 80, 80] })
  })

  async function saved(download: Download): Promise<string> {
    const path = join(app.folder, download.suggestedFilename())
    await download.saveAs(path)
    return path
  }

  test.each(['dark', 'light'] as const)(
    'figures and plots without axe findings, %s',
    async (theme) => {
      const page = await app.open('#/results', { theme })
      await plot(page, 'AP50 by class').waitFor()
      await plot(page, 'From A to B').waitFor()
      await plot(page, 'Time per stage').waitFor()
      expect(await page.locator('figure').count()).toBe(6)
      const answer = await app.service.call('results.perClass', await pairOf(page))
      const text = await plot(page, 'AP50 by class').locator('svg').textContent()
      for (const { class: name } of answer.classes.slice(0, 3)) expect(text).toContain(name)
      await page.getByText('Needs a clean run').first().waitFor()
      await expectAccessible(page, `Results, ${theme}`)
      for (const tab of ['Per class', 'Masks', 'Certificates']) {
        await page.getByRole('radio', { name: tab }).click()
        await expectAccessible(page, `${tab}, ${theme}`)
      }
    },
  )

  /** The pair that the address or the project names. */
  async function pairOf(page: Page): Promise<{ a: number; b: number }> {
    await plot(page, 'From A to B').waitFor()
    const { rows } = await app.service.call('runs.list', {})
    const a = rows.find((run) => run.defense === null)?.id ?? 0
    return { a, b: rows.find((run) => run.defense !== null)?.id ?? 0 }
  }

  test('arrow keys walk a plot, Enter leads to the pictures, and they open', async () => {
    const page = await app.open('#/results')
    const matrix = plot(page, 'From A to B')
    await matrix.waitFor()
    await matrix.focus()
    await page.keyboard.press('ArrowRight')
    await matrix.getByRole('status').getByText(/boxes/).waitFor()
    await page.keyboard.press('Enter')
    const panel = page.getByRole('complementary', { name: 'Behind the selection' })
    await panel.getByRole('status').waitFor()
    await page.getByText('1 selected').waitFor()
    await page.keyboard.press('Escape')
    // Shift extends over a rectangle of cells.
    await matrix.focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Shift+ArrowDown')
    await page.getByText('2 selected').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('2 selected').waitFor({ state: 'detached' })
  })

  test('a click on a cell shows its pictures, and the Library opens on them', async () => {
    const page = await app.open('#/results')
    const pair = await pairOf(page)
    const matrix = plot(page, 'From A to B')
    // The first cell: the boxes of the first class that both runs found.
    const cell = await matrix.locator('svg rect[rx]').first().boundingBox()
    if (!cell) throw new Error('the matrix has no cell')
    await page.mouse.click(cell.x + cell.width / 2, cell.y + cell.height / 2)
    const said = await matrix.getByRole('status').textContent()
    const [, from = '', to = ''] = /A (.+), B (.+): \d+ boxes/.exec(said ?? '') ?? []
    expect(from).not.toBe('')
    const behind = await app.service.call('results.images', {
      ...pair,
      behind: { kind: 'transition', from, to },
    })
    expect(behind.total).toBeGreaterThan(0)
    const panel = page.getByRole('complementary', { name: 'Behind the selection' })
    await panel.getByRole('link').first().waitFor()
    expect(await panel.getByRole('link').count()).toBe(behind.rows.length)
    await panel.getByRole('button', { name: /in Library/ }).click()
    await page.waitForURL(/#\/library/)
    await page.getByRole('gridcell').first().waitFor()
    await expect
      .poll(() => page.getByRole('gridcell').count(), { timeout: 20_000 })
      .toBe(behind.total)
  })

  test('a plot is saved as PNG at twice its size, as SVG with texts, and as CSV', async () => {
    const page = await app.open('#/results')
    const matrix = plot(page, 'From A to B')
    await matrix.waitFor()
    const size = await matrix.locator('svg').boundingBox()
    const figure = page.locator('figure').filter({ hasText: 'From A to B' })
    const save = async (kind: string): Promise<string> => {
      await figure.getByRole('button', { name: 'Save plot' }).click()
      const download = page.waitForEvent('download')
      await page.getByRole('menuitem', { name: kind }).click()
      return saved(await download)
    }
    const png = readFileSync(await save('PNG'))
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    expect(png.readUInt32BE(16)).toBeGreaterThanOrEqual(2 * Math.floor(size?.width ?? 0))
    const svg = readFileSync(await save('SVG'), 'utf8')
    expect(svg).toContain('<svg xmlns="http://www.w3.org/2000/svg"')
    expect(svg).toContain('>From A to B</text>')
    expect(svg).not.toContain('var(')
    const csv = readFileSync(await save('CSV'), 'utf8')
    const { classes } = await app.service.call('results.transitions', await pairOf(page))
    expect(csv).toContain('none')
    expect(csv.split('\r\n').length).toBeLessThanOrEqual(classes.length + 3)
  })

  test('T shows the table, and the focus goes with it', async () => {
    const page = await app.open('#/results')
    await plot(page, 'Time per stage').focus()
    await page.keyboard.press('t')
    const view = page.getByRole('region', { name: 'Time per stage, as a table' })
    await view.getByText('all stages').first().waitFor()
    expect(await view.evaluate((element) => element === document.activeElement)).toBe(true)
    await page.keyboard.press('t')
    await plot(page, 'Time per stage').waitFor()
  })

  test('the report is one file with tables, plots and manifests', async () => {
    const page = await app.open('#/results')
    await plot(page, 'From A to B').waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save report' }).click()
    const html = readFileSync(await saved(await download), 'utf8')
    expect(html).toContain('<svg xmlns')
    expect(html).toContain('Manifest of')
    expect(html).not.toMatch(/<script|<link|src=/)
  })

  test('classes are sorted, and a row leads to its pictures', async () => {
    const page = await app.open('#/results?tab=classes')
    const grid = page.getByRole('grid', { name: 'Per class' })
    await grid.getByRole('row').nth(1).click()
    await page.getByRole('complementary').getByRole('status').waitFor()
    await grid.getByRole('button', { name: 'Class' }).click()
    const names = await grid.locator('[role=row] .medium').allTextContents()
    expect(names).toEqual(names.toSorted((x, y) => x.localeCompare(y)))
  })
})

describeApp('Results, without runs', () => {
  const granted = join(packageRoot, 'test/fixtures/miniatures')
  const app = useApp({ args: ['--grant', granted] })

  test('leads to Runs', async () => {
    const page = await app.open('#/results')
    await page.getByRole('button', { name: 'Go to Runs' }).click()
    await page.waitForURL(/#\/runs/)
  })

  test('a study of a data set from a granted folder, and the pictures behind its rows', async () => {
    const page = await app.open('#/library')
    await page.keyboard.press('Control+o')
    const dialog = page.getByRole('dialog', { name: 'Choose pictures' })
    await dialog.getByRole('button', { name: 'om-imagenet' }).click()
    await dialog.getByText('latents').waitFor()
    await expectAccessible(page, 'granted folders')
    await dialog.getByRole('button', { name: 'Choose om-imagenet' }).click()
    await page.getByRole('button', { name: /^Add \d+ pictures/ }).click()
    await page.getByRole('button', { name: 'Look at them' }).click()

    await page.goto(`${app.service.origin}/#/results?tab=studies`)
    await page.getByText('OM-ImageNet', { exact: true }).click()
    const model = page.locator('label', { hasText: /^Model/ }).locator('select')
    await model.selectOption('cifar10-columns')
    const classes = page.getByRole('textbox', { name: 'Classes that the model calls otherwise' })
    await classes.fill('car')
    await page.getByText('Pairs such as tabby=cat').waitFor()
    await classes.fill('car=automobile')
    await expectAccessible(page, 'New study')
    await page.getByRole('button', { name: 'Start the study' }).click()
    const byClass = page.getByRole('region', { name: 'Class', exact: true })
    await byClass.waitFor()
    await expectAccessible(page, 'Study')
    const { rows } = await app.service.call('studies.list', {})
    const { result } = await app.service.call('studies.result', { id: rows[0]?.id ?? 0 })
    if (result.dataset !== 'om-imagenet') throw new Error('another study')
    expect(await byClass.locator('tbody tr').count()).toBe(result.byClass.length)

    const first = byClass.getByRole('link').first()
    const name = await first.textContent()
    await first.click()
    await page.waitForURL(/#\/library/)
    await page.locator('[data-index="0"] .name[title]').waitFor()
    const { total } = await app.service.call('images.ids', { filter: { label: [name ?? ''] } })
    expect(total).toBeGreaterThan(0)
    // What the Library showed last stays until the narrowed list is there.
    await expect.poll(async () => Number(await page.locator('.count b').textContent())).toBe(total)
  })

  test('pictures are found by the fields of their data set', async () => {
    const { ids } = await app.service.call('images.ids', {})
    const [id = 0] = ids
    const { attributes } = await app.service.call('images.attributes', { id })
    const [[field, value] = ['', '']] = Object.entries(attributes)
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    const page = await app.open(`#/library?q=${encodeURIComponent(`field:"${field}=${text}"`)}`)
    await page.locator('[data-index="0"] .name[title]').waitFor()
    const filter = { field: [{ name: field, value: text }] }
    const found = await app.service.call('images.ids', { filter })
    expect(found.ids).toContain(id)
    expect(Number(await page.locator('.count b').textContent())).toBe(found.total)
    filter.field.push({ name: field, value: `not ${text}` })
    expect((await app.service.call('images.ids', { filter })).total).toBe(0)
  })
})

import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { manyPictures } from '../support/project-program'
import { patchwarden } from '../support/program'
import { describeApp, expectAccessible, useApp } from './support/app'
import { dropFiles } from './support/drop'
import { holdAnswers } from './support/hold-answers'
import { drawScenes } from './support/scenes'

const cell = (page: Page, index: number) => page.locator(`[data-index="${index}"]`)
const names = (page: Page) => page.locator('[role="gridcell"] .name').allTextContents()
const total = async (page: Page): Promise<number> =>
  Number((await page.locator('.count b').textContent())?.replaceAll(',', ''))

/** A name with markup, a sign that turns the direction, quotes and an emoji. */
const hostileName = `a &lt;b&gt; \u202Egpj.'exe' 😀.jpg`

describeApp('First run and import', () => {
  const app = useApp()

  test('an empty project begins with the welcome page, which everybody can use', async () => {
    for (const theme of ['dark', 'light'] as const) {
      const page = await app.open('', { theme })
      await page.getByRole('heading', { name: 'See what a patch hides.' }).waitFor()
      expect(page.url()).toContain('#/first-run')
      await expectAccessible(page, `Welcome, ${theme}`)
    }
  })

  test('the divider moves by key', async () => {
    const page = await app.open('#/first-run')
    const divider = page.getByRole('slider', { name: 'Divider' })
    await divider.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('Shift+ArrowRight')
    expect(await divider.getAttribute('aria-valuetext')).toBe('10 % before')
  })

  test('files are dropped, looked at, added and defended', async () => {
    const scenes = await drawScenes(join(app.folder, 'drop'), 4)
    const page = await app.open('#/library')
    // The preview tries to show the broken picture.
    app.allow(page, /status of 415.*\/media\//)
    await page.getByText('No pictures yet').waitFor()
    await dropFiles(page, [
      ...scenes.map(({ bytes }, n) => ({ name: n === 0 ? hostileName : `scene-${n}.jpg`, bytes })),
      { name: 'broken.jpg', bytes: new Uint8Array([1, 2, 3]) },
    ])
    await page.getByRole('button', { name: /^Add \d pictures/ }).waitFor()
    await expectAccessible(page, 'import preview')
    await page.getByRole('textbox', { name: 'As data set' }).fill('Dropped <i>scenes</i>')
    await page.keyboard.press('Enter')

    await page.getByText('4 pictures added').waitFor()
    await page.getByText('1 entry left out.').waitFor()
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.getByText('broken.jpg').first().waitFor()
    await page.getByRole('button', { name: 'Look at them' }).click()

    await page.getByRole('link', { name: 'Dropped <i>scenes</i>' }).waitFor()
    await cell(page, 3).waitFor()
    expect(await total(page)).toBe(4)
    const shown = await names(page)
    expect(shown).toContain(hostileName.replace('\u202E', '⟨U+202E⟩'))

    await page.getByText('Run the defense on these 4 pictures?').waitFor()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.waitForURL(/order=change/, { timeout: 100_000 })
    await page
      .getByText(/The run is done/)
      .first()
      .waitFor()
    const { rows } = await app.service.call('runs.list', {})
    expect(new Set(rows.map(({ defense }) => defense))).toEqual(
      new Set([null, 'segment-and-complete']),
    )
    // Three of the first four scenes have a patch.
    await page.getByRole('checkbox', { name: 'Patch found, 3' }).waitFor()
  })

  test('what is dropped on a data set is added to it; with Alt it is a new one', async () => {
    const scenes = await drawScenes(join(app.folder, 'more'), 5)
    const page = await app.open('#/library')
    const row = '[data-dataset]'
    await page.locator(row).waitFor()
    const files = scenes.slice(3).map(({ bytes }, n) => ({ name: `scene-${n + 3}.jpg`, bytes }))
    expect(await dropFiles(page, files, { on: row })).toBe(
      'Add to Dropped <i>scenes</i> · hold Alt for a new data set',
    )
    const to = page.locator('label', { hasText: /^Add to/ }).locator('select')
    await to.waitFor()
    expect(await to.evaluate((select: HTMLSelectElement) => select.selectedOptions[0]?.label)).toBe(
      'Dropped <i>scenes</i>',
    )
    await page.keyboard.press('Enter')
    // One of the two came with the first drop.
    await page.getByText('1 picture added').waitFor()
    await page.getByText('1 picture was there already.').waitFor()
    expect((await app.service.call('datasets.list', {})).datasets).toMatchObject([{ images: 5 }])

    await page.keyboard.press('Escape')
    expect(await dropFiles(page, files, { on: row, altKey: true })).toBe(
      'Add what you drop as a new data set',
    )
    await page.getByRole('textbox', { name: 'As data set' }).waitFor()
    await page.keyboard.press('Escape')
  })

  test('a file that cannot be sent is told, and the others go on', async () => {
    const [scene] = await drawScenes(join(app.folder, 'refused'), 1)
    const page = await app.open('#/library')
    await dropFiles(page, [
      { name: 'fine.jpg', bytes: scene?.bytes ?? new Uint8Array() },
      { name: '<img src=x onerror=alert(1)>.jpg', bytes: new Uint8Array([1]) },
    ])
    await page
      .getByText(/could not be sent: <img src=x/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Add 1 picture' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Add pictures' }).waitFor({ state: 'detached' })
  })

  test('nothing that can be used gets a plain answer', async () => {
    const page = await app.open('#/library')
    await dropFiles(page, [{ name: 'notes.txt', bytes: new Uint8Array([104, 105]) }])
    const panel = page.getByRole('dialog', { name: 'Add pictures' })
    await panel
      .getByText(/could not be added|no picture here|[A-Z]_[A-Z]/)
      .first()
      .waitFor()
    expect(await panel.locator('button:enabled', { hasText: /^Add \d/ }).count()).toBe(0)
  })
})

describeApp('Library', () => {
  const app = useApp({ scenes: 6, defended: true })

  async function library(
    hash = '#/library',
    theme: 'dark' | 'light' | 'hc' = 'dark',
  ): Promise<Page> {
    const page = await app.open(hash, { theme })
    await cell(page, 0).locator('img').waitFor()
    return page
  }

  test('everybody can use it, in every theme, with pictures selected', async () => {
    for (const theme of ['dark', 'light', 'hc'] as const) {
      const page = await library('#/library', theme)
      await cell(page, 1).focus()
      await page.keyboard.press('Space')
      await page.getByRole('toolbar', { name: '1 selected' }).waitFor()
      await expectAccessible(page, `Library, ${theme}`)
    }
  }, 300_000)

  test('what happened narrows the list, and chips take it back', async () => {
    const page = await library()
    await page.getByRole('checkbox', { name: 'Patch found, 3' }).check()
    await expect.poll(() => total(page)).toBe(3)
    expect(await page.getByText('of 6').count()).toBe(1)
    await page.reload()
    await cell(page, 0).waitFor()
    await expect.poll(() => total(page)).toBe(3)
    await page.getByRole('button', { name: 'Remove Patch found' }).click()
    await expect.poll(() => total(page)).toBe(6)
  })

  test('the search reads its language, completes it, and explains what it cannot read', async () => {
    const page = await library()
    await page.keyboard.press('/')
    const field = page.getByRole('combobox', { name: 'Search pictures' })
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true)
    await page.keyboard.type('patch:yes')
    await expect.poll(() => total(page), { timeout: 10_000 }).toBeLessThan(6)
    const found = await total(page)

    await field.fill('score<nonsense')
    await page.locator('[role="search"] [role="status"]').waitFor()
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    // The last good result stays.
    expect(await total(page)).toBe(found)

    await field.fill('pat')
    await page
      .getByRole('option', { name: /^patch:/ })
      .first()
      .waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    expect(await field.inputValue()).toMatch(/^patch:/)
    await field.fill('zzzz')
    await page.getByText('No picture matches this filter.').waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await expect.poll(() => total(page)).toBe(6)
  })

  test('works by keyboard alone, and loses nothing on the way back', async () => {
    const page = await library()
    await cell(page, 0).focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Space')
    await page.keyboard.press('Shift+ArrowRight')
    await page.getByRole('toolbar', { name: '2 selected' }).waitFor()
    expect(await cell(page, 2).getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('Control+a')
    await page.getByRole('toolbar', { name: '6 selected' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('toolbar', { name: '6 selected' }).waitFor({ state: 'detached' })
    await page.keyboard.press('End')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-index'))).toBe('5')
    await page.keyboard.press('Enter')
    await page.waitForURL(/#\/image\/\d+/)
    await page.goBack()
    await cell(page, 5).waitFor()
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-index')))
      .toBe('5')
  })

  test('tags and removals are told and can be undone', async () => {
    const page = await library()
    await cell(page, 0).focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('t')
    await page.getByRole('combobox', { name: '1 picture' }).fill('<u>odd</u>')
    await page.keyboard.press('Enter')
    await page.getByText('1 picture tagged “<u>odd</u>”').first().waitFor()
    await page.getByRole('checkbox', { name: /^<u>odd<\/u>, 1/ }).waitFor()

    await cell(page, 0).focus()
    await page.keyboard.press('Delete')
    await expect.poll(() => total(page)).toBe(5)
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await expect.poll(() => total(page)).toBe(6)
  })

  test('the palette, the keys and the regions are there from the keyboard', async () => {
    const page = await library()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Search or run a command' }).fill('high contrast')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('hc')

    await cell(page, 0).focus()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys of Library' }).waitFor()
    await expectAccessible(page, 'keys')
    await page.getByRole('textbox', { name: 'Search the keys' }).fill('accept')
    expect(await page.getByRole('dialog').getByText('Accept masks').count()).toBe(1)
    await page.keyboard.press('Escape')

    const regions = new Set<string>()
    for (let n = 0; n < 8; n++) {
      await page.keyboard.press('F6')
      regions.add(
        await page.evaluate(
          () => document.activeElement?.closest('[data-region]')?.getAttribute('aria-label') ?? '',
        ),
      )
    }
    expect([...regions]).toEqual(
      expect.arrayContaining(['Top bar', 'Screens', 'Data sets and filters', 'Pictures']),
    )
  })

  test('the pair is swapped by key and kept in the address', async () => {
    const page = await library()
    const sides = page.locator('.pair .cut')
    const before = await sides.allTextContents()
    await cell(page, 0).focus()
    await page.keyboard.press('x')
    await expect.poll(() => sides.allTextContents()).toEqual(before.toReversed())
    expect(page.url()).toMatch(/[?&]a=\d+&b=\d+/)
  })

  test('is whole at its smallest size and at twice the size of text', async () => {
    const page = await app.open('#/library', { width: 1080, height: 660 })
    await cell(page, 0).locator('img').waitFor()
    await app.service.call('settings.set', { textPercent: 200 })
    await expect
      .poll(() => page.evaluate(() => getComputedStyle(document.documentElement).fontSize))
      .toBe('26px')
    const isCut = await page.evaluate(
      () =>
        document.documentElement.scrollWidth > innerWidth ||
        document.documentElement.scrollHeight > innerHeight,
    )
    expect(isCut).toBe(false)
    await app.service.call('settings.set', { textPercent: 100 })
  })
})

describeApp('A large Library', () => {
  const app = useApp()
  const count = 6_000

  beforeAll(async () => {
    const folder = manyPictures(join(app.folder, 'many'), count)
    await app.service.stop()
    const ended = await patchwarden(['import', folder, '--dataset', 'Many'], {
      env: { PATCHWARDEN_PROJECT: app.project },
    })
    expect(ended.stderr).not.toContain('error ')
    await app.restart()
  })

  test('mounts three screens of it, wherever one is', async () => {
    const page = await app.open('#/library')
    await cell(page, 0).locator('.name').waitFor()
    expect(await total(page)).toBe(count)
    await cell(page, 0).focus()
    await page.keyboard.press('End')
    await cell(page, count - 1)
      .getByText(/\.png$/)
      .waitFor()
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-index')))
      .toBe(String(count - 1))
    expect(await page.locator('[role="gridcell"]').count()).toBeLessThan(140)
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe(
      String(Math.ceil(count / 6)),
    )
  })

  test('selects all of it at once, also while it is being counted', async () => {
    const page = await app.open('#/settings')
    const goOn = await holdAnswers(page, '**/api/images.ids')
    await page.evaluate(() => (location.hash = '#/library'))
    await cell(page, 0).focus()
    await page.keyboard.press('Control+a')
    expect(await page.locator('.count b').count()).toBe(0)
    goOn()
    await page.getByRole('toolbar', { name: '6,000 selected' }).waitFor()
    await page.unrouteAll({ behavior: 'wait' })
  })
})

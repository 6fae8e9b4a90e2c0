import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { permanentFolder } from '../support/permanent-folder'
import { describeApp, expectAccessible, useApp } from './support/app'
import { dropFiles } from './support/drop'
import { drawScenes } from './support/scenes'

describeApp('Settings', () => {
  const places = permanentFolder('places')
  const app = useApp({ scenes: 1, args: ['--grant', places] })

  const sections = [
    'Appearance',
    'Keys',
    'Engine',
    'Project and folders',
    'Network',
    'Data',
    'About',
  ]
  test.each([
    ['dark', sections],
    ['light', sections],
    ['hc', ['Appearance']],
  ] as const)('sections without axe findings, %s', async (theme, names) => {
    const page = await app.open('#/settings', { theme })
    for (const name of names) {
      await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name }).click()
      await page.getByRole('heading', { name, exact: true }).waitFor()
      await expectAccessible(page, `${name}, ${theme}`)
    }
  })

  test('colours and size of text change at once and are kept', async () => {
    const page = await app.open('#/settings', { theme: 'dark' })
    await page.getByRole('radio', { name: 'Light' }).first().click()
    await page.locator('html[data-theme=light]').waitFor()
    const size = page.getByLabel('Size of text, exact value')
    await size.fill('150')
    await size.press('Enter')
    await expect
      .poll(async () => app.service.call('settings.get', {}), { timeout: 10_000 })
      .toMatchObject({
        ...{ theme: 'light', textPercent: 150 },
      })
    await page.reload()
    await page.locator('html[data-theme=light]').waitFor()
    await app.service.call('settings.set', { textPercent: 100 })
  })

  test('a key is changed; one that is taken is named, and can be taken over', async () => {
    const page = await app.open('#/settings/keys')
    await page.getByLabel('Search the keys').fill('New run')
    const row = page.getByRole('button', { name: /^New run: N/ })
    await row.click()
    await page.keyboard.press('g')
    await page.getByRole('button', { name: /^New run: G/ }).click()
    await page.keyboard.press('x')
    await page.getByText('X belongs to “Swap A and B”.').waitFor()
    await page.getByRole('button', { name: 'Take it over' }).click()
    await expect
      .poll(async () => (await app.service.call('settings.get', {})).shortcuts, { timeout: 10_000 })
      .toEqual({ 'runs.new': ['X'], 'swap-pair': [] })

    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save keys' }).click()
    const path = join(app.folder, 'keys.json')
    await (await download).saveAs(path)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ keys: { 'runs.new': ['X'] } })

    await page.getByRole('button', { name: 'Reset all keys' }).click()
    await page.getByRole('button', { name: /^New run: N/ }).waitFor()
    await page.locator('input[type=file]').setInputFiles(path)
    await page.getByRole('button', { name: /^New run: X/ }).waitFor()
    await page.locator('input[type=file]').setInputFiles({
      ...{ name: 'no.json', mimeType: 'application/json', buffer: Buffer.from('{"a":') },
    })
    await page.getByText('This file holds no keys').first().waitFor()

    // The new key works where it counts.
    await page.goto(`${app.service.origin}/#/runs?new=0`)
    await page
      .getByRole('grid', { name: 'Runs' })
      .or(page.getByText('No run yet'))
      .first()
      .waitFor()
    await page.keyboard.press('x')
    await page.getByRole('complementary', { name: 'New run' }).waitFor()
    await app.service.call('settings.set', { shortcuts: {} })
  })

  test('a number that does not fit says so and stays as it was typed', async () => {
    const page = await app.open('#/settings/engine')
    const workers = page.getByLabel('Workers', { exact: true })
    await workers.fill('2.5')
    await workers.press('Enter')
    await page.getByText('Type a whole number from 0 to 256.').waitFor()
    expect(await workers.inputValue()).toBe('2.5')
    await workers.fill('1')
    await workers.press('Enter')
    await expect
      .poll(async () => (await app.service.call('settings.get', {})).workers, { timeout: 10_000 })
      .toBe(1)
  })

  test('search finds settings by their words', async () => {
    const page = await app.open('#/settings')
    await page.getByLabel('Search settings').fill('megapixels')
    await page.getByRole('heading', { name: 'Largest picture' }).waitFor()
    expect(await page.getByRole('heading', { name: 'Workers' }).count()).toBe(0)
    await page.getByLabel('Search settings').fill('zzzz')
    await page.getByText('No setting matches.').waitFor()
  })

  test('the project is checked', async () => {
    const page = await app.open('#/settings/data')
    await page.getByLabel('Also read every original').check()
    await page.getByRole('button', { name: 'Check now' }).click()
    await page.getByText('The project is in order.').waitFor()
  })

  test('About names the version, parts and models with their licences', async () => {
    const page = await app.open('#/settings/about')
    const about = await app.service.call('project.about', {})
    await page.getByText(`Patchwarden ${about.version}`).waitFor()
    expect(about.parts.length).toBeGreaterThan(5)
    for (const { id } of about.models)
      await page.getByRole('cell', { name: id, exact: true }).waitFor()
    for (const { licence } of about.parts) expect(licence).not.toBe('')
    await page.getByLabel('Search parts').fill('onnxruntime-node')
    expect(await page.getByRole('cell', { name: 'onnxruntime-node', exact: true }).count()).toBe(1)
  })
  test('a new project is made and filled; the first one comes back as it was, in every window', async () => {
    const page = await app.open('#/library')
    const other = await app.open('#/library')
    const scenes = other.getByRole('link', { name: 'Scenes' })
    await scenes.waitFor()
    const project = page.getByRole('button', { name: 'Project', exact: true })
    await project.click()
    await page.getByRole('menuitem', { name: 'New project…' }).click()
    await page.getByRole('button', { name: /^Choose patchwarden-places/ }).click()
    const name = page.getByRole('textbox', { name: 'Name' })
    await name.fill('a/b')
    await name.press('Enter')
    await page.getByText(/is no name for a folder/).waitFor()
    await expectAccessible(page, 'New project')
    await name.fill('Street')
    await name.press('Enter')
    // Whoever looks on sees the new project, too.
    for (const window of [page, other]) {
      await window.getByRole('heading', { name: 'See what a patch hides.' }).waitFor()
    }
    const [scene] = await drawScenes(join(app.folder, 'street'), 1)
    await dropFiles(page, [{ name: 'street.jpg', bytes: scene?.bytes ?? new Uint8Array() }])
    await page.getByRole('button', { name: 'Add 1 picture' }).click()
    await page.getByText('1 picture added').waitFor()
    expect(await app.service.call('project.info', {})).toMatchObject({ name: 'Street', images: 1 })

    await page.goto(`${app.service.origin}/#/settings/folders`)
    await page.getByRole('button', { name: 'Open project project', exact: true }).click()
    await page.getByRole('link', { name: 'Scenes' }).waitFor()
    await scenes.waitFor()
    expect(await app.service.call('project.info', {})).toMatchObject({ name: 'project', images: 1 })

    // By the dialog for folders, which tells where there is no project.
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Search or run a command' }).fill('Open project')
    await page.getByRole('option', { name: /^Open project$/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: /^Choose patchwarden-places/ }).click()
    await dialog.getByText('E_PROJECT_NOT_FOUND').waitFor()
    await dialog.getByText('The project that was open is still open.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Scenes' }).waitFor()
  })
})

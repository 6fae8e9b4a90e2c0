import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeApp, expectAccessible, useApp } from './support/app'

const table = (page: Page) => page.getByRole('grid', { name: 'Runs' })
const rowOf = (page: Page, name: string) => table(page).getByRole('row').filter({ hasText: name })

describeApp('Runs', () => {
  const app = useApp({ scenes: 4, defended: true })

  test('shows the pair, its changed pictures, and opens them', async () => {
    const page = await app.open('#/runs')
    await table(page).getByRole('row').nth(2).waitFor()
    const { rows } = await app.service.call('runs.list', {})
    expect(await table(page).getByRole('row').count()).toBe(rows.length + 1)
    const [a, b] = [rows.find((run) => run.defense === null), rows.find((run) => run.defense)]
    if (!a || !b) throw new Error('the project has no pair')
    const compared = await app.service.call('runs.compare', { a: a.id, b: b.id })
    expect(compared.changed).toBeGreaterThan(0)
    const cells = page.getByRole('gridcell', { name: /, change / })
    await cells.first().waitFor()
    expect(await cells.count()).toBe(compared.changed)
    const changes = (await cells.evaluateAll((all) => all.map((cell) => cell.ariaLabel ?? ''))).map(
      (label) => Number(/change ([\d.]+)/.exec(label)?.[1]),
    )
    expect(changes).toEqual(changes.toSorted((x, y) => y - x))
    // The boxes of both runs are drawn over each of the two pictures.
    await cells.first().locator('svg rect').first().waitFor()
    await expectAccessible(page, 'Runs, dark')
    await cells.first().focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(new RegExp(`#/image/${compared.rows[0]?.imageId ?? 0}`))
  })

  test('sets the pair by key', async () => {
    const page = await app.open('#/runs', { theme: 'light' })
    const { rows } = await app.service.call('runs.list', {})
    await table(page).getByRole('row').nth(1).click()
    await page.keyboard.press('a')
    await page.waitForURL(new RegExp(`a=${rows[0]?.id ?? 0}`))
    expect(await table(page).getByRole('row').nth(1).textContent()).toMatch(/^\s*A/)
    await page.keyboard.press('x')
    await page.waitForURL(new RegExp(`b=${rows[0]?.id ?? 0}`))
    await expectAccessible(page, 'Runs, light')
  })

  test('starts a run with other parameters, which becomes B, and deletes it again', async () => {
    const before = await app.service.call('runs.list', {})
    const page = await app.open('#/runs?new=1')
    await page.getByLabel(/^Name/).fill('High threshold')
    const slider = page.getByLabel(/threshold, exact value/i).first()
    await slider.fill('0.9')
    await slider.press('Tab')
    await page.getByText(/4 to do/).waitFor()
    await expectAccessible(page, 'New run')
    await page.getByRole('button', { name: 'Start' }).click()
    await rowOf(page, 'High threshold').getByText('Done', { exact: true }).waitFor()
    const after = await app.service.call('runs.list', {})
    const made = after.rows.find((run) => run.name === 'High threshold')
    expect(after.rows.length).toBe(before.rows.length + 1)
    expect(made).toMatchObject({ done: 4, total: 4, failed: 0, defense: 'segment-and-complete' })
    expect(JSON.stringify(made?.params)).toContain('0.9')
    expect(page.url()).toContain(`b=${made?.id ?? 0}`)

    await rowOf(page, 'High threshold').focus()
    await page.keyboard.press('Delete')
    await page.getByRole('dialog').getByText('not your annotations').waitFor()
    await page.getByRole('button', { name: 'Delete the run' }).click()
    await rowOf(page, 'High threshold').waitFor({ state: 'detached' })
    expect((await app.service.call('runs.list', {})).rows.length).toBe(before.rows.length)
  })

  test('says when the same run is there already', async () => {
    const page = await app.open('#/runs?new=1')
    await page.getByText(/This run exists. Its 4 results are reused/).waitFor()
  })
})

describeApp('Runs over a damaged file', () => {
  const app = useApp({ scenes: 3 })

  test('it fails alone, is listed with its code, and is done once the file is whole again', async () => {
    const { datasets } = await app.service.call('datasets.list', {})
    const { rows } = await app.service.call('images.list', {})
    const name = rows[1]?.name ?? ''
    const path = findFile(datasets[0]?.root ?? '', name)
    const whole = readFileSync(path)
    writeFileSync(path, whole.subarray(0, 600))

    const page = await app.open('#/runs?new=1')
    await page.getByLabel(/^Name/).fill('Over damage')
    await page.getByText(/3 to do/).waitFor()
    await page.getByRole('button', { name: 'Start' }).click()
    const row = rowOf(page, 'Over damage').first()
    await row.getByText('1 failed').waitFor()
    await row.getByText('2 done').waitFor()
    await row.getByRole('button', { name: 'Show' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(name, { exact: true }).waitFor()
    await dialog
      .locator('code')
      .getByText(/^[A-Z_]{6,}$/)
      .waitFor()
    await expectAccessible(page, 'Failed pictures')

    writeFileSync(path, whole)
    await dialog.getByRole('button', { name: 'Try these again' }).click()
    await row.getByText('Done', { exact: true }).waitFor()
    const runs = await app.service.call('runs.list', {})
    const made = runs.rows.find((run) => run.name === 'Over damage')
    expect(made).toMatchObject({ done: 3, failed: 0 })
  })
})

/** Where a picture of a data set lies, whichever folders are between. */
function findFile(folder: string, name: string): string {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find(
    (path) => basename(path) === name,
  )
  if (found === undefined) throw new Error(`${name} is not below ${folder}`)
  return join(folder, found)
}

describeApp('Runs of a long order', () => {
  const app = useApp({ scenes: 12 })

  test('goes on after a pause, and after the service was killed', async () => {
    const page = await app.open('#/runs?new=1')
    await page.getByLabel(/^Name/).fill('Long')
    await page.getByText(/12 to do/).waitFor()
    await page.getByRole('button', { name: 'Start' }).click()
    const row = rowOf(page, 'Long').first()
    const isDone = row.getByText('Done', { exact: true })
    const pause = row.getByRole('button', { name: 'Pause' })
    await pause.or(isDone).first().waitFor()
    if (await pause.isVisible()) {
      await pause.click()
      await row.getByRole('button', { name: 'Resume' }).click()
    }
    app.allow(page, /Failed to load resource|ERR_|EventSource/)
    await app.service.kill()
    await app.restart()
    const again = await app.open('#/runs')
    const rowAgain = rowOf(again, 'Long').first()
    const resume = rowAgain.getByRole('button', { name: 'Resume' })
    await resume
      .or(rowAgain.getByText('Done', { exact: true }))
      .first()
      .waitFor()
    if (await resume.isVisible()) await resume.click()
    await rowAgain.getByText('Done', { exact: true }).waitFor()
    const { rows } = await app.service.call('runs.list', {})
    expect(rows.find(({ name }) => name === 'Long')).toMatchObject({ done: 12, total: 12 })
  })
})

describeApp('Runs, empty', () => {
  const app = useApp()

  test('a project without pictures says what a run needs', async () => {
    const page = await app.open('#/runs')
    await page.getByText('No pictures yet').first().waitFor()
    await expectAccessible(page, 'Runs, empty')
  })
})

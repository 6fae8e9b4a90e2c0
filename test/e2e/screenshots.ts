import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, test } from 'vitest'
import { packageRoot } from '../support/program'
import { describeApp, ended, useApp } from './support/app'

// Makes docs/screens: every screen in light and dark, over the drawn scenes. `npm run screenshots`.

const folder = join(packageRoot, 'docs/screens')

interface Shot {
  readonly name: string
  readonly hash: string
  /** Brings the screen into the state that the picture shows. */
  readonly prepare?: (page: Page) => Promise<void>
}

describeApp('Screenshots', () => {
  const app = useApp({ scenes: 12, defended: true })
  let shots: readonly Shot[] = []

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true })
    const { rows } = await app.service.call('runs.list', {})
    const bare = rows.find((run) => run.defense === null)?.id ?? 0
    const defended = rows.find((run) => run.defense !== null)?.id ?? 0
    const { ids } = await app.service.call('images.ids', {})
    for (const imageId of ids) await annotate(imageId, defended)
    const { jobId } = await app.service.call('certificates.start', {
      ...{ method: 'derandomized-smoothing', model: 'crops-columns', params: {} },
      ...{ images: { ids }, boxesOf: defended, name: 'Boxes, certified' },
    })
    await ended(app.service, jobId)
    const compared = await app.service.call('runs.compare', { a: bare, b: defended })
    const changed = compared.rows[0]?.imageId ?? ids[0] ?? 1
    shots = shotsOf(changed)
  })

  /** What the defended run finds surely counts as the truth here: plots of accuracy need some. */
  async function annotate(imageId: number, run: number): Promise<void> {
    const { result } = await app.service.call('image.result', { id: imageId, run })
    for (const { box, class: name, score } of result?.found ?? []) {
      if (score < 0.4) continue
      const [x1, y1, x2, y2] = box
      await app.service.call('objects.add', {
        ...{ imageId, class: name, box: [x1, y1, x2 - x1, y2 - y1] },
      })
    }
  }

  test.each(['light', 'dark'] as const)('%s', { timeout: 600_000 }, async (theme) => {
    for (const { name, hash, prepare } of shots) {
      const page = await app.open(hash, { theme })
      await page.waitForLoadState('networkidle').catch(() => undefined)
      await prepare?.(page)
      // Pictures are decoded beside the page; what moves has come to rest.
      await page.waitForTimeout(800)
      await page.screenshot({ path: join(folder, `${name}-${theme}.png`) })
      await page.context().close()
    }
  })
})

function shotsOf(image: number): readonly Shot[] {
  return [
    { name: 'first-run', hash: '#/first-run' },
    { name: 'library', hash: '#/library' },
    { name: 'image', hash: `#/image/${image}` },
    {
      name: 'certificate',
      hash: `#/image/${image}`,
      prepare: async (page) => {
        const panel = page.locator('[data-certificate]')
        await panel.getByRole('button', { name: 'Show the map' }).click()
        await panel.getByRole('button', { name: 'Why no more' }).click()
        await panel
          .getByText(/The vote was/)
          .last()
          .waitFor()
      },
    },
    { name: 'certified', hash: '#/results?tab=certificates' },
    { name: 'annotate', hash: `#/annotate/${image}` },
    { name: 'runs', hash: '#/runs?new=1' },
    {
      name: 'results',
      hash: '#/results',
      prepare: async (page) => {
        const plot = page.getByRole('application', { name: 'From A to B' })
        await plot.focus()
        await page.keyboard.press('ArrowRight')
        await page.keyboard.press('Enter')
      },
    },
    {
      name: 'models',
      hash: '#/models',
      prepare: async (page) => {
        const model = join(packageRoot, 'models/patchwarden-nano/model.onnx')
        await page.locator('input[type=file]').setInputFiles({
          ...{ name: 'street-yolo.onnx', mimeType: 'application/octet-stream' },
          buffer: readFileSync(model),
        })
        await page.getByText(/^Sample 1/).waitFor({ timeout: 120_000 })
      },
    },
    {
      name: 'export',
      hash: '#/export',
      prepare: (page) =>
        page.getByRole('table', { name: 'What the file keeps and loses' }).waitFor(),
    },
    { name: 'settings', hash: '#/settings' },
    { name: 'keys', hash: '#/settings/keys' },
    { name: 'about', hash: '#/settings/about' },
  ]
}

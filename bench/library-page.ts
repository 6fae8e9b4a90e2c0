import type { Page } from 'playwright-core'

type Row = (what: string, ms: number, limit?: string) => void

const GRID = '[role=grid]'

/** Opens the Library, scrolls and jumps through it. */
export async function scrollLibrary(browserPath: string, url: string, row: Row): Promise<void> {
  // A tool of checkouts: an installed program has no such package, and has refused before.
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1_440, height: 900 } })
    for (const visit of ['first visit', 'again']) {
      const start = performance.now()
      await page.goto(visit === 'again' ? new URL(url).origin : url)
      await page.waitForSelector('main h1')
      row(`page, ${visit}: first paint of the app`, performance.now() - start)
      await page.waitForSelector(`${GRID} .name[title]`)
      row(`page, ${visit}: first names in the grid`, performance.now() - start)
      // The page's policy forbids the browser to evaluate texts later on: it waits inside one call.
      await page.evaluate(`(async () => {
        const isThere = (image) => image.naturalWidth > 0
        while (![...document.querySelectorAll('${GRID} img')].some(isThere)) {
          await new Promise(requestAnimationFrame)
        }
      })()`)
      row(`page, ${visit}: first thumbnail`, performance.now() - start)
    }
    row('scrolling, longest blank row', await longestBlank(page, 'scroll'), '100')
    row('jumping to 20 places, longest blank row', await longestBlank(page, 'jump'))
    row('jumping, median of longest blank row', await longestBlank(page, 'jump', true))
  } finally {
    await browser.close()
  }
}

/**
 * Milliseconds for which a cell was seen without its picture's name. `scroll`: like a quick wheel, a row every second frame for
 * four seconds; `jump`: the scrollbar dragged to 20 places, half a second each.
 */
async function longestBlank(page: Page, how: 'scroll' | 'jump', isMedian = false): Promise<number> {
  return page.evaluate<number>(`(async () => {
    const grid = document.querySelector('${GRID}')
    grid.scrollTop = 0
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    await new Promise((resolve) => setTimeout(resolve, 500))
    const since = new Map()
    let longest = 0
    const look = (now) => {
      const bounds = grid.getBoundingClientRect()
      const seen = new Set()
      for (const cell of grid.querySelectorAll('[data-index]')) {
        const { top, bottom } = cell.getBoundingClientRect()
        if (bottom <= bounds.top || top >= bounds.bottom) continue
        const index = cell.dataset.index
        seen.add(index)
        if (cell.querySelector('.name[title]')) since.delete(index)
        else {
          if (!since.has(index)) since.set(index, now)
          longest = Math.max(longest, now - since.get(index))
        }
      }
      for (const index of since.keys()) if (!seen.has(index)) since.delete(index)
    }
    if (${how === 'scroll'}) {
      for (let n = 0; n < 240; n++) {
        grid.scrollTop += 90
        look(await frame())
      }
      return longest
    }
    const each = []
    for (let n = 1; n <= 20; n++) {
      grid.scrollTop = ((n * 7) % 20) / 20 * grid.scrollHeight
      longest = 0
      const start = await frame()
      for (let now = start; now < start + 500; now = await frame()) look(now)
      each.push(longest)
    }
    each.sort((a, b) => a - b)
    return ${isMedian} ? each[10] : each.at(-1)
  })()`)
}

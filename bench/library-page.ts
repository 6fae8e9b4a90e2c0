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
    const scrolling = await longestBlanks(page, 'scroll')
    row('scrolling, longest blank card', scrolling.name[0] ?? NaN, '100')
    row('scrolling, longest card without its picture', scrolling.picture[0] ?? NaN)
    const { name, picture } = await longestBlanks(page, 'jump')
    row('jumping to 20 places, longest blank card', name.at(-1) ?? NaN)
    row('jumping, median of longest blank card', name[10] ?? NaN)
    row('jumping, median of longest card without its picture', picture[10] ?? NaN)
  } finally {
    await browser.close()
  }
}

/** Milliseconds, in rising order; one of each for scrolling, one for each jump. */
interface Blanks {
  /** For which a cell was seen without its picture's name: it is blank. */
  readonly name: number[]
  /** For which a named cell showed the place of its picture, but neither that nor why there is none. */
  readonly picture: number[]
}

/**
 * The longest blanks. `scroll`: like a quick wheel, a row every second frame for four seconds; `jump`: the scrollbar dragged to
 * 20 places, half a second each.
 */
async function longestBlanks(page: Page, how: 'scroll' | 'jump'): Promise<Blanks> {
  return page.evaluate<Blanks>(`(async () => {
    const grid = document.querySelector('${GRID}')
    grid.scrollTop = 0
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    await new Promise((resolve) => setTimeout(resolve, 500))
    const isNamed = (cell) => cell.querySelector('.name[title]') !== null
    const isShown = (cell) => {
      const image = cell.querySelector('img')
      return cell.querySelector('.fault') !== null || (image !== null && image.naturalWidth > 0)
    }
    const since = { name: new Map(), picture: new Map() }
    const longest = { name: 0, picture: 0 }
    const note = (kind, index, isBlank, now) => {
      if (!isBlank) return since[kind].delete(index)
      if (!since[kind].has(index)) since[kind].set(index, now)
      longest[kind] = Math.max(longest[kind], now - since[kind].get(index))
    }
    const look = (now) => {
      const bounds = grid.getBoundingClientRect()
      const seen = new Set()
      for (const cell of grid.querySelectorAll('[data-index]')) {
        const { top, bottom } = cell.getBoundingClientRect()
        if (bottom <= bounds.top || top >= bounds.bottom) continue
        const index = cell.dataset.index
        seen.add(index)
        note('name', index, !isNamed(cell), now)
        note('picture', index, isNamed(cell) && !isShown(cell), now)
      }
      for (const times of Object.values(since)) {
        for (const index of times.keys()) if (!seen.has(index)) times.delete(index)
      }
    }
    const each = { name: [], picture: [] }
    const keep = () => {
      for (const kind of Object.keys(each)) {
        each[kind].push(longest[kind])
        longest[kind] = 0
      }
    }
    if (${how === 'scroll'}) {
      for (let n = 0; n < 240; n++) {
        grid.scrollTop += 90
        look(await frame())
      }
      keep()
      return each
    }
    for (let n = 1; n <= 20; n++) {
      grid.scrollTop = ((n * 7) % 20) / 20 * grid.scrollHeight
      const start = await frame()
      for (let now = start; now < start + 500; now = await frame()) look(now)
      keep()
    }
    for (const times of Object.values(each)) times.sort((a, b) => a - b)
    return each
  })()`)
}

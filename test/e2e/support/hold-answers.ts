import type { Page } from 'playwright-core'

/** Answers to requests that match `pattern` wait until the returned function is called. */
export async function holdAnswers(page: Page, pattern: string): Promise<() => void> {
  let goOn = (): void => undefined
  const released = new Promise<void>((resolve) => (goOn = resolve))
  await page.route(pattern, async (route) => {
    const response = await route.fetch()
    await released
    await route.fulfill({ response })
  })
  return goOn
}

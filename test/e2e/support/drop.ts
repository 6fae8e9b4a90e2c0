import type { Page } from 'playwright-core'

export interface DroppedThing {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Drops files onto the window, as a file manager does. */
export async function dropFiles(page: Page, files: readonly DroppedThing[]): Promise<void> {
  const packed = files.map(({ name, bytes }) => ({
    name,
    text: Buffer.from(bytes).toString('base64'),
  }))
  const transfer = await page.evaluateHandle((given) => {
    const data = new DataTransfer()
    for (const { name, text } of given) {
      const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))
      data.items.add(new File([bytes], name))
    }
    return data
  }, packed)
  await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer })
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
}

import type { Page } from 'playwright-core'

export interface DroppedThing {
  readonly name: string
  readonly bytes: Uint8Array
}

export interface DropPlace {
  /** What the pointer is over. */
  readonly on?: string
  readonly altKey?: boolean
}

/** Drops files onto the window, as a file manager does, and answers the words that it showed before. */
export async function dropFiles(
  page: Page,
  files: readonly DroppedThing[],
  { on = 'body', altKey = false }: DropPlace = {},
): Promise<string> {
  const packed = files.map(({ name, bytes }) => ({
    name,
    text: Buffer.from(bytes).toString('base64'),
  }))
  return page.evaluate(
    async ({ given, selector, isAlt }) => {
      const dataTransfer = new DataTransfer()
      for (const { name, text } of given) {
        const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))
        dataTransfer.items.add(new File([bytes], name))
      }
      const target = document.querySelector(selector)
      const event = { bubbles: true, cancelable: true, dataTransfer, altKey: isAlt }
      target?.dispatchEvent(new DragEvent('dragover', event))
      await new Promise(requestAnimationFrame)
      const words = document.querySelector('.frame .glass')?.textContent ?? ''
      target?.dispatchEvent(new DragEvent('drop', event))
      return words
    },
    { given: packed, selector: on, isAlt: altKey },
  )
}

import { app, type WebContents } from 'electron'
import { isOwnPage } from './origin'

/** Keeps every page, whatever opens it, on our own origin: no other pages, windows or webviews. */
export function forbidNavigation(log: (message: string) => void): void {
  app.on('web-contents-created', (_event, contents) => {
    confine(contents, log)
  })
}

function confine(contents: WebContents, log: (message: string) => void): void {
  const keep = (details: { readonly url: string; preventDefault(): void }): void => {
    if (isOwnPage(details.url)) return
    details.preventDefault()
    log('a navigation away from the app was stopped')
  }
  contents.on('will-navigate', keep)
  contents.on('will-redirect', keep)
  contents.on('will-frame-navigate', keep)
  contents.on('will-attach-webview', (event) => {
    event.preventDefault()
  })
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

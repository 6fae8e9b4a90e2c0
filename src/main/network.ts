import type { Session } from 'electron'

/** What pages may load. Developer tools load themselves from `devtools:` and exist in development only. */
const localSchemes = new Set(['app:', 'image:', 'blob:', 'devtools:'])

/** Cancels whatever a page would fetch from the network or the disk. The updater has a session of its own. */
export function blockNetwork(session: Session): void {
  session.webRequest.onBeforeRequest((details, callback) => {
    const scheme = URL.parse(details.url)?.protocol
    callback({ cancel: scheme === undefined || !localSchemes.has(scheme) })
  })
}

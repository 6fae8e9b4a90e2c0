import type { Session } from 'electron'

/** Pages may save what they made themselves (a plot as PNG or SVG): the system asks where. Nothing else is fetched. */
export function restrictDownloads(session: Session): void {
  session.on('will-download', (event, item) => {
    if (!item.getURL().startsWith('blob:app://bundle/')) event.preventDefault()
  })
}

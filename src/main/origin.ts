/** Where every page of the app comes from: never from the disk as `file:`, never from the network. */
export const APP_ORIGIN = 'app://bundle'
export const START_URL = `${APP_ORIGIN}/index.html`

/** Whether `url` is a page of ours. */
export function isOwnPage(url: string): boolean {
  // Not `new URL(url).origin`: Node knows no origins of custom schemes and says "null" for all of them.
  const parsed = URL.parse(url)
  return parsed?.protocol === 'app:' && parsed.host === 'bundle'
}

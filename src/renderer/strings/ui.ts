/** Words that parts of many screens share. */
export const ui = {
  app: 'Patchwarden',
  exactValue: (label: string) => `${label}, exact value`,
  removeNamed: (label: string) => `Remove ${label}`,
  close: 'Close',
  cancel: 'Cancel',
  copyDetails: 'Copy details',
  copied: 'Copied',
  reset: 'Reset',
  tryAgain: 'Try again',
  show: 'Show',
  hide: 'Hide',
  more: (count: number) => `${formatCount(count)} more…`,
  fewer: 'Fewer',
  searchIn: (label: string) => `Search in ${label}`,
  dividerOf: (panel: string) => `Width of ${panel}`,
  showPanel: (panel: string) => `Show ${panel}`,
  changed: 'Changed from its default',
  notifications: 'News',
  lowest: (label: string) => `${label}, at least`,
  highest: (label: string) => `${label}, at most`,
  loading: 'Loading',
  on: 'On',
  off: 'Off',
}

const counts = new Intl.NumberFormat('en-US')

/** `104318` as `104,318`. */
export function formatCount(count: number): string {
  return counts.format(count)
}

/** One of two words by a count: `3 pictures`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** Seconds in words, rounded: 41 s, 3 min, 2 h. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${Math.round(seconds / 3600)} h`
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let size = bytes
  let unit = 0
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000
    unit++
  }
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${units[unit] ?? 'B'}`
}

/** Foreign text, such as the name of a file: control and direction signs are shown as their code. */
export function showForeign(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex -- these are the signs to show
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (sign) => `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  )
}

/** A long name cut in the middle, so that its ending stays. */
export function cutMiddle(text: string, most = 42): string {
  const signs = Array.from(text)
  if (signs.length <= most) return text
  const tail = Math.floor((most - 1) / 2)
  return `${signs.slice(0, most - 1 - tail).join('')}…${signs.slice(-tail).join('')}`
}

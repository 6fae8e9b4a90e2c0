/** The screens of the app, in the order of the rail; settings, help and first run stand apart from it. */
export const railScreens = [
  'library',
  'image',
  'annotate',
  'runs',
  'results',
  'models',
  'export',
] as const
export const screens = [...railScreens, 'settings', 'first-run'] as const
export type ScreenName = (typeof screens)[number]

/** Where the app is: `#/image/17?a=3&b=4&stage=removed` is screen `image`, id `17` and three answers. */
export interface Place {
  readonly screen: ScreenName
  readonly id: string | null
  readonly query: Readonly<Record<string, string>>
}

export const home: Place = { screen: 'library', id: null, query: {} }

/** Reads a URL's hash. What cannot be read leads to the Library, since an old link must not end in an empty window. */
export function parsePlace(hash: string): Place {
  const [path, search] = cutAt(hash.replace(/^#?\/?/, ''), '?')
  const [name, id] = cutAt(path, '/')
  const screen = screens.find((known) => known === name)
  if (screen === undefined) return { ...home, query: readQuery(search) }
  return { screen, id: id === '' ? null : decode(id), query: readQuery(search) }
}

/** The hash of a place; the same place gives the same text, whatever the order of its answers. */
export function formatPlace({ screen, id, query }: Place): string {
  const path = id === null ? screen : `${screen}/${encodeURIComponent(id)}`
  const answers = Object.entries(query)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
  return answers.length === 0 ? `#/${path}` : `#/${path}?${answers.join('&')}`
}

/** The answers that stay when another screen is opened: the pair, and the list that Image and Annotate walk. */
const kept = ['a', 'b', 'q', 'f', 'order', 'dataset'] as const

export function carriedQuery(query: Readonly<Record<string, string>>): Record<string, string> {
  const carried: Record<string, string> = {}
  for (const key of kept) {
    const value = query[key]
    if (value !== undefined) carried[key] = value
  }
  return carried
}

function readQuery(text: string): Record<string, string> {
  const answers = text
    .split('&')
    .map((part) => cutAt(part, '='))
    .filter(([key]) => key !== '')
    .map(([key, value]) => [decode(key), decode(value)] as const)
  // Not one assignment each: an answer called `__proto__` would be lost.
  return Object.fromEntries(answers)
}

function cutAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)]
}

/** A stray percent sign is text, not a fault. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

import { basename } from 'node:path'

/**
 * The name of every file in reports: below a folder that the user gave, the way from there; the bare name otherwise.
 * Where two files would share a name, both keep the path as given. Names have `/` between their parts.
 */
export function reportNames(paths: readonly string[], given: readonly string[]): string[] {
  const roots = given.map((path) =>
    path.replaceAll('\\', '/').replace(/\/*$/, '/').replace(/^\.\//, ''),
  )
  const short = paths.map((path) => {
    const plain = path.replace(/^\.\//, '')
    const root = roots.filter((r) => plain.startsWith(r)).sort((a, b) => b.length - a.length)[0]
    return root === undefined ? basename(path) : plain.slice(root.length)
  })
  const seen = countOf(short)
  return short.map((name, k) => (seen.get(name) === 1 ? name : (paths[k] ?? name)))
}

/**
 * A path below an output folder for each report name, without ending, and each a different one: no step leads out of the
 * folder, and names that differ in their ending only (a.jpg, a.png), or that other systems take for one, stay apart.
 */
export function outputStems(names: readonly string[]): string[] {
  const safe = names.map((name) =>
    name
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .map((part) => (part === '..' ? '_' : part.replaceAll(/[\\:*?"<>|\p{Cc}]/gu, '_')))
      .join('/'),
  )
  const short = safe.map((name) => name.replace(/(?<=[^/])\.[^./]+$/, ''))
  const seen = countOf(short.map(asSeenAnywhere))
  const alone = short.filter((stem) => isAlone(stem, seen))
  const taken = new Set(alone.map(asSeenAnywhere))
  return short.map((stem, k) => (isAlone(stem, seen) ? stem : untaken(safe[k] ?? stem, taken)))
}

/** A stem that ends like the name of another picture's probabilities is not left as it is. */
function isAlone(stem: string, seen: ReadonlyMap<string, number>): boolean {
  const key = asSeenAnywhere(stem)
  return seen.get(key) === 1 && !key.endsWith('.probability')
}

function untaken(stem: string, taken: Set<string>): string {
  let free = stem
  for (let n = 2; taken.has(asSeenAnywhere(free)); n++) free = `${stem}-${n}`
  taken.add(asSeenAnywhere(free))
  return free
}

/** As file systems see a name that ignore case and the composition of letters. */
const asSeenAnywhere = (name: string): string => name.normalize('NFC').toLowerCase()

function countOf(names: readonly string[]): Map<string, number> {
  const seen = new Map<string, number>()
  for (const name of names) seen.set(name, (seen.get(name) ?? 0) + 1)
  return seen
}

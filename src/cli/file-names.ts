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
 * A path below an output folder for each report name, without ending: no step leads out of the folder, and two names
 * that differ in their ending only (a.jpg, a.png) stay apart.
 */
export function outputStems(names: readonly string[]): string[] {
  const safe = names.map((name) =>
    name
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .map((part) => (part === '..' ? '_' : part.replaceAll(/[\\:*?"<>|]/g, '_')))
      .join('/'),
  )
  const stems = safe.map((name) => name.replace(/\.[^./]+$/, ''))
  const seen = countOf(stems)
  return stems.map((stem, k) => (seen.get(stem) === 1 ? stem : (safe[k] ?? stem)))
}

function countOf(names: readonly string[]): Map<string, number> {
  const seen = new Map<string, number>()
  for (const name of names) seen.set(name, (seen.get(name) ?? 0) + 1)
  return seen
}

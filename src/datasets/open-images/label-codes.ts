import type { ContentCategory } from '../../shared/dataset'

/**
 * A class code for each category, by id: `/m/` and the name in lower case. The codes of the public set are arbitrary; these
 * can be read, and no two are equal.
 */
export function labelCodes(categories: readonly ContentCategory[]): ReadonlyMap<number, string> {
  const codes = new Map<number, string>()
  const taken = new Set<string>()
  for (const { id, name } of categories) {
    const slug = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_|_$/g, '')
    let code = `/m/${slug === '' ? 'class' : slug}`
    if (taken.has(code)) code = `${code}_${id}`
    while (taken.has(code)) code += '_'
    taken.add(code)
    codes.set(id, code)
  }
  return codes
}

const unnamed = 'default'

/**
 * The file name of a split, without its ending: signs that file names cannot have are written as in addresses. Images
 * without a split are in the subset `default`.
 */
export function subsetName(split: string | null): string {
  if (split === null) return unnamed
  const name = encodeURIComponent(split.toWellFormed()).replace(/[*'()!~]|^\.|\.$/g, code)
  // What is left over are the names that mean something else.
  return name === unnamed || name === '' ? `${code(name)}${name.slice(1)}` : name
}

/** Inverse of `subsetName`. A name that is not written so stands for itself. */
export function splitOfSubset(name: string): string | null {
  if (name === unnamed) return null
  if (name === '%') return ''
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** `%` and the code of the first sign. */
function code(sign: string): string {
  return sign === '' ? '%' : `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`
}

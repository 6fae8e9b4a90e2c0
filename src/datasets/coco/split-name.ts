const words: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['train', /(?:^|[^a-z])(?:train|training)(?![a-z])/i],
  ['val', /(?:^|[^a-z])(?:val|valid|validation)(?![a-z])/i],
  ['test', /(?:^|[^a-z])(?:test|testing)(?![a-z])/i],
  ['dev', /(?:^|[^a-z])dev(?![a-z])/i],
]

/**
 * The split that a file's name tells of, such as train for `instances_train2017.json` and `train/_annotations.coco.json`;
 * null if it names none. A guess: names are all that COCO has for this.
 */
export function splitOfName(file: string): string | null {
  const parts = file.split('/')
  const near = [parts.at(-1) ?? '', parts.at(-2) ?? '']
  for (const part of near) {
    for (const [name, pattern] of words) if (pattern.test(part)) return name
  }
  return null
}

/** Names that a folder of this split's pictures may have, as in the file's name: train2017, then train. */
export function splitFolders(file: string): readonly string[] {
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.json$/i, '')
  const tokens = name.split(/[^a-z0-9]+/i).filter((token) => splitOfName(token) !== null)
  const split = splitOfName(file)
  const folders = [...tokens, ...tokens.map((token) => token.replace(/\d+$/, ''))]
  return [...new Set(split === null ? folders : [...folders, split])]
}

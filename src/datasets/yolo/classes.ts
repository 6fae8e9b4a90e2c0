import type { FileSource } from '../../shared/dataset'
import { decodeUtf8 } from '../reading/utf8'
import { parseDataYaml, type YoloConfig } from './data-yaml'

/** The class names of a data set and where they were found. */
export interface YoloClasses {
  readonly file: string
  readonly config: YoloConfig
}

const maxBytes = 4 * 2 ** 20
const nameLists = /(?:^|\/)(?:classes\.txt|obj\.names|[^/]+\.names)$/

/**
 * Looks for the class names: in the file that the user named, a configuration with `names`, or a list with one name a
 * line (classes.txt, *.names). The closest to the root wins, `data.yaml` before other names. Null if there is none.
 */
export async function readClasses(
  files: FileSource,
  names: readonly string[],
): Promise<YoloClasses | null> {
  const candidates = names.filter((name) => isYaml(name) || nameLists.test(name))
  const rank = (name: string) =>
    name === files.entry ? -1 : 4 * name.split('/').length + kindRank(name)
  candidates.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  for (const file of candidates) {
    const size = await files.size(file)
    if (size === 0 || size > maxBytes) continue
    const text = decodeUtf8(await files.read(file))
    const config = text === null ? null : isYaml(file) ? parseDataYaml(text) : nameList(text)
    if (config !== null) return { file, config }
  }
  return null
}

export function isNameList(name: string): boolean {
  return nameLists.test(name)
}

function isYaml(name: string): boolean {
  return /\.ya?ml$/i.test(name)
}

function kindRank(name: string): number {
  if (/(?:^|\/)(?:data|dataset)\.ya?ml$/i.test(name)) return 0
  return isYaml(name) ? 1 : 2
}

function nameList(text: string): YoloConfig | null {
  const lines = text.split(/\r\n|\n/).map((line) => line.trim())
  while (lines.at(-1) === '') lines.pop()
  if (lines.length === 0) return null
  return { names: new Map(lines.entries()), categoryIds: new Map(), path: null, splits: new Map() }
}

import { parseFlow, parseScalar, splitPair, withoutComment } from './yaml-scalars'

/** What `data.yaml` says of a data set. */
export interface YoloConfig {
  /** By class index. */
  readonly names: ReadonlyMap<number, string>
  /** Ids that the classes had where they came from, by class index: our own addition to the format. */
  readonly categoryIds: ReadonlyMap<number, string>
  /** The folder that the splits are relative to. */
  readonly path: string | null
  /** Folders or list files by split, in the order of the file. */
  readonly splits: ReadonlyMap<string, readonly string[]>
}

/** Keys of the format that are no splits. */
const otherKeys = new Set(
  'path names nc category_ids download kpt_shape flip_idx channels roboflow yaml_file license version description minival'.split(
    ' ',
  ),
)

/**
 * Reads the part of YAML in which these files are written: keys at the margin with plain or quoted texts, lists and maps
 * of one level, in block or flow form. Null if there are no class names in it.
 */
export function parseDataYaml(text: string): YoloConfig | null {
  const blocks = blocksOf(text)
  const names = indexed(blocks.get('names'))
  if (names === null || names.size === 0) return null
  const splits = new Map<string, readonly string[]>()
  for (const [key, block] of blocks) {
    if (otherKeys.has(key)) continue
    const entries = [...block.values()].filter((value) => value !== '' && value !== 'null')
    if (entries.length > 0) splits.set(key, entries)
  }
  const path = blocks.get('path')?.get('') ?? null
  return { names, categoryIds: indexed(blocks.get('category_ids')) ?? new Map(), path, splits }
}

/** The value of a key: a text under the key '', or the members of a list (keys '0', '1', …) or map. */
type Block = ReadonlyMap<string, string>

function blocksOf(text: string): Map<string, Block> {
  const blocks = new Map<string, Block>()
  const lines = text.split(/\r\n|\n|\r/).map(withoutComment)
  for (let i = 0; i < lines.length;) {
    const [, key, value = ''] = /^([A-Za-z_][\w-]*)\s*:(?:\s+(.*))?$/.exec(lines[i++]!) ?? []
    if (key === undefined) continue
    const body: string[] = []
    while (i < lines.length && /^(?:\s|-\s|-$|[\]}]|$)/.test(lines[i]!)) body.push(lines[i++]!)
    blocks.set(key, parseBlock(value.trim(), body))
  }
  return blocks
}

function parseBlock(value: string, body: readonly string[]): Block {
  if (/^[[{]/.test(value)) return parseFlow([value, ...body].join(' ').trim())
  const trimmed = body.map((line) => line.trim()).filter((line) => line !== '')
  if (value !== '') return new Map([['', parseScalar(value)]])
  const block = new Map<string, string>()
  if (/^[[{]/.test(trimmed[0] ?? '')) return parseFlow(trimmed.join(' '))
  for (const line of trimmed) {
    const item = /^-\s+(.*)$/.exec(line)?.[1]
    const pair = item === undefined ? splitPair(line) : null
    if (item !== undefined) block.set(String(block.size), parseScalar(item))
    else if (pair !== null) block.set(pair[0], parseScalar(pair[1]))
  }
  return block
}

/** Null if the keys are not whole numbers from 0 on. */
function indexed(block: Block | undefined): Map<number, string> | null {
  if (block === undefined) return null
  const entries = new Map<number, string>()
  for (const [key, value] of block) {
    if (!/^\d{1,9}$/.test(key)) return null
    entries.set(Number(key), value)
  }
  return entries
}

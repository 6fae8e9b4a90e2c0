import type { FileSource } from '../../shared/dataset'

/** The files of one split. */
export interface D3sSplit {
  /** `train` or `val`. */
  readonly split: string | null
  /** The split's own folder, relative to the root; empty if the root is that folder. */
  readonly folder: string
  readonly metadata: string
  /** Records that were not rejected by people. */
  readonly filtered: string | null
}

export interface D3sFiles {
  readonly splits: readonly D3sSplit[]
  /** CSV files beside them: one may be a table of reviews. */
  readonly tables: readonly string[]
}

/** The metadata of D3S at or below the root: of the data set closest to the root. */
export async function findD3s(files: FileSource): Promise<D3sFiles> {
  const metadata: string[] = []
  const names = new Set<string>()
  const tables: string[] = []
  for await (const name of files.list()) {
    if (/(?:^|\/)metadata\.json$/.test(name)) metadata.push(name)
    if (/(?:^|\/)filtered_metadata\.json$/.test(name)) names.add(name)
    if (/\.csv$/i.test(name)) tables.push(name)
  }
  const splits: D3sSplit[] = []
  for (const name of metadata) {
    const parts = name.split('/').slice(0, -1)
    const folder = parts.join('/')
    const last = parts.at(-1) ?? files.rootName
    const isSplit = last === 'train' || last === 'val'
    if (!isSplit && parts.length > 0) continue
    const filtered = folder === '' ? 'filtered_metadata.json' : `${folder}/filtered_metadata.json`
    splits.push({
      split: isSplit ? last : null,
      folder,
      metadata: name,
      filtered: names.has(filtered) ? filtered : null,
    })
  }
  const depth = (split: D3sSplit) => (split.folder === '' ? 0 : split.folder.split('/').length)
  const least = Math.min(...splits.map(depth))
  const parentOf = ({ folder }: D3sSplit) => folder.split('/').slice(0, -1).join('/')
  const [first] = splits.filter((split) => depth(split) === least)
  const chosen = first
    ? splits.filter((s) => depth(s) === least && parentOf(s) === parentOf(first))
    : []
  return { splits: chosen, tables }
}

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { memoryFiles } from '../support/memory-files'

const root = new URL('../fixtures/miniatures/', import.meta.url)

/** The bytes of one file of the miniature data sets. */
export function miniature(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, root)))
}

/** All files below a folder of the miniature data sets, as an importer sees them. */
export function miniatureFiles(
  folder: string,
  more: Readonly<Record<string, Uint8Array | string>> = {},
) {
  const files: Record<string, Uint8Array | string> = {}
  for (const name of readdirSync(new URL(`${folder}/`, root), {
    recursive: true,
    encoding: 'utf8',
  })) {
    const place = `${folder}/${name.replaceAll('\\', '/')}`
    if (statSync(new URL(place, root)).isFile()) {
      files[place.slice(folder.length + 1)] = miniature(place)
    }
  }
  return memoryFiles({ ...files, ...more }, { rootName: folder.split('/').at(-1) ?? folder })
}

import { resolveName } from '../../src/shared/dataset/resolve-name'
import type { FileSource } from '../../src/shared/dataset'
import { fileEmpty, fileUnreadable } from '../../src/shared/image-errors'

/**
 * A folder that exists in memory only, by relative names with `/` between their parts. Texts are stored as UTF-8. It keeps
 * the promises of `FileSource`: sorted listing, names resolved as on disk, empty files refused by `read`.
 */
export function memoryFiles(
  files: Readonly<Record<string, Uint8Array | string>>,
  options: {
    readonly entry?: string
    readonly rootName?: string
    readonly pieceBytes?: number
  } = {},
): FileSource {
  const encoder = new TextEncoder()
  const contents = new Map(
    Object.entries(files).map(([name, content]) => [
      name,
      typeof content === 'string' ? encoder.encode(content) : content,
    ]),
  )
  const bytesOf = (name: string): Uint8Array => {
    const bytes = contents.get(name)
    if (bytes === undefined) throw fileUnreadable(name, 'there is no such file')
    return bytes
  }
  return {
    entry: options.entry ?? null,
    rootName: options.rootName ?? 'memory',
    async *list(folder = '') {
      const start = folder === '' ? '' : `${folder}/`
      const names = [...contents.keys()].filter((name) => name.startsWith(start))
      yield* await Promise.resolve(names.sort())
    },
    has: (name) => Promise.resolve(contents.has(name)),
    size: (name) => attempt(() => bytesOf(name).length),
    read: (name) =>
      attempt(() => {
        const bytes = bytesOf(name)
        if (bytes.length === 0) throw fileEmpty(name)
        return bytes.slice()
      }),
    async *stream(name) {
      const bytes = await attempt(() => bytesOf(name))
      const step = options.pieceBytes ?? 65_536
      for (let at = 0; at < bytes.length; at += step) yield bytes.slice(at, at + step)
    },
    readAt: (name, offset, length) => attempt(() => bytesOf(name).slice(offset, offset + length)),
    resolve: resolveName,
  }
}

function attempt<T>(read: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(read())
  })
}

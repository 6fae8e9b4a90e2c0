import type { FolderSink } from '../../src/shared/dataset'

/** Where an exporter's files end up in memory, with the misuse that a disk would not forgive. */
export interface MemorySink extends FolderSink {
  /** What was written, by name, in the order of opening. All files must be closed. */
  files(): ReadonlyMap<string, Uint8Array>
  /** One file as text. */
  text(name: string): string
}

export function memorySink(): MemorySink {
  const encoder = new TextEncoder()
  const files = new Map<string, { pieces: Uint8Array[]; open: boolean }>()
  const bytesOf = (name: string): Uint8Array => {
    const file = files.get(name)
    if (file === undefined) throw new Error(`${name} was not written`)
    if (file.open) throw new Error(`${name} was not closed`)
    return Buffer.concat(file.pieces)
  }
  return {
    file(name) {
      if (files.has(name)) throw new Error(`${name} is written twice`)
      if (/^\/|\\|(?:^|\/)\.{0,2}(?:\/|$)/.test(name))
        throw new Error(`${name} is no relative name`)
      const file = { pieces: [] as Uint8Array[], open: true }
      files.set(name, file)
      return {
        write(piece) {
          if (!file.open) throw new Error(`${name} is closed`)
          file.pieces.push(typeof piece === 'string' ? encoder.encode(piece) : piece.slice())
        },
        close() {
          if (!file.open) throw new Error(`${name} is closed twice`)
          file.open = false
        },
      }
    },
    files: () => new Map([...files.keys()].map((name) => [name, bytesOf(name)])),
    text: (name) => new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(name)),
  }
}

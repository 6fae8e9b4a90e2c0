import { ZipFile } from 'yazl'

export interface ZipPart {
  readonly name: string
  readonly bytes: Uint8Array | string
  /** Default true. */
  readonly compress?: boolean
}

export async function makeZip(parts: readonly ZipPart[]): Promise<Buffer> {
  const zip = new ZipFile()
  for (const { name, bytes, compress = true } of parts) {
    zip.addBuffer(Buffer.from(bytes), name, { compress, mtime: new Date(0) })
  }
  zip.end()
  const pieces: Buffer[] = []
  for await (const piece of zip.outputStream) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

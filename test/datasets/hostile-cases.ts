import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A file that importers must answer with exactly this decision and code. */
export interface HostileCase {
  readonly path: string
  readonly decision: string
  readonly code: string | null
  readonly what: string
  readonly pixels?: number
  readonly image_size?: readonly [number, number]
  readonly imported?: number
  readonly bbox_xywh?: readonly number[]
}

const folder = fileURLToPath(new URL('../fixtures/miniatures/hostile/', import.meta.url))

/** The cases of one kind, which is the name of a folder: `coco`, `masks` … */
export function hostileCases(kind: string): readonly HostileCase[] {
  const manifest = JSON.parse(readFileSync(`${folder}manifest.json`, 'utf8')) as {
    files: HostileCase[]
  } // our own fixture
  return manifest.files.filter(({ path }) => path.startsWith(`${kind}/`))
}

export function hostileFile(path: string): Uint8Array {
  return new Uint8Array(readFileSync(folder + path))
}

/** The header of a bitmap: enough for whoever asks for the size of a picture. */
export function bitmap(width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(54)
  const view = new DataView(bytes.buffer)
  bytes.set([0x42, 0x4d])
  view.setUint32(14, 40, true)
  view.setInt32(18, width, true)
  view.setInt32(22, height, true)
  return bytes
}

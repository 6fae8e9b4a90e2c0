import { writeFile } from 'node:fs/promises'
import type { FilePath } from '../files/read-file'
import { rgbToPng } from '../images/encode-png'
import { decodePart } from '../import/decode-part'
import { guardedLater } from './disk-sink'
import type { Part } from './parts-as-files'

/** A part that is to become a file. */
export interface Cut {
  /** The file that it is in. */
  readonly from: FilePath
  readonly pixels: Part['pixels']
  readonly to: string
}

export interface CutSteps {
  readonly signal?: AbortSignal | undefined
  /** Called before each. */
  readonly onCut?: ((done: number, total: number) => void) | undefined
}

/**
 * Writes tiles and rows as PNG files. Originals are only read.
 * @throws AppError E_IMAGE_…, E_HDF5_…, E_FILE_…, E_DISK_FULL, E_WRITE_…
 */
export async function cutParts(
  cuts: readonly Cut[],
  shown: string,
  { signal, onCut }: CutSteps,
): Promise<void> {
  for (const [done, { from, pixels, to }] of cuts.entries()) {
    signal?.throwIfAborted()
    onCut?.(done, cuts.length)
    const path = typeof from === 'string' ? from : Buffer.from(from)
    const { image } = await decodePart(path, { pixels, contentId: '' })
    const png = await rgbToPng(image)
    await guardedLater(shown, () => writeFile(to, png, { flag: 'wx' }))
  }
}

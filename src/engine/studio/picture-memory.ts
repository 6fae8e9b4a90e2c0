import type { ImageWarning } from '../../shared/image-errors'
import type { RgbImage } from '../../shared/vision'
import { decodeImage } from '../images/decode-image'
import { decodePart } from '../import/decode-part'
import type { VisionItem } from '../vision-job'
import { statSync } from 'node:fs'

export interface DecodedPicture {
  readonly image: RgbImage
  readonly sha256: string
  readonly warnings: readonly ImageWarning[]
}

interface Remembered {
  readonly decoded: DecodedPicture
  readonly ms: number
}

const MOST_BYTES = 512 * 2 ** 20

/** The pictures that were looked at last, decoded: up to 512 MiB, and always the last one. */
export class PictureMemory {
  readonly #known = new Map<string, Remembered>()

  /** @throws AppError E_FILE_…, E_IMAGE_…, E_HDF5_… */
  async decode({
    item,
    maxPixels,
  }: {
    readonly item: Pick<VisionItem, 'path' | 'source' | 'part'>
    readonly maxPixels: number
  }): Promise<Remembered & { readonly reused: boolean }> {
    const source = typeof item.source === 'string' ? item.source : Buffer.from(item.source)
    const stats = statSync(source, { throwIfNoEntry: false })
    const key = JSON.stringify([source, item.part, stats?.mtimeMs, stats?.size])
    const known = this.#known.get(key)
    if (known) {
      this.#known.delete(key)
      this.#known.set(key, known)
      return { ...known, reused: true }
    }
    const start = performance.now()
    const { image, sha256, warnings } = item.part
      ? await decodePart(source, item.part)
      : await decodeImage(source, { maxPixels, name: item.path, followLinks: true })
    const fresh = { decoded: { image, sha256, warnings }, ms: performance.now() - start }
    this.#known.set(key, fresh)
    this.#forget()
    return { ...fresh, reused: false }
  }

  #forget(): void {
    let bytes = [...this.#known.values()].reduce(
      (sum, one) => sum + one.decoded.image.data.length,
      0,
    )
    for (const [key, { decoded }] of this.#known) {
      if (bytes <= MOST_BYTES || this.#known.size === 1) return
      this.#known.delete(key)
      bytes -= decoded.image.data.length
    }
  }
}

import type { FileSource } from '../../shared/dataset/file-source'
import type { ImportTools } from '../../shared/dataset/import-tools'
import { decodeImageBytes } from '../images/decode-image'
import { applyOrientation } from '../images/decode-image-pixels'

/** What turns a picture back: quarter turns exchange their directions, all else is its own inverse. */
const inverse = (orientation: number) =>
  orientation === 6 ? 8 : orientation === 8 ? 6 : orientation

/** The decoders of the engine, for importers that need pixels: masks stored as pictures, pairing by looks. */
export function importTools(source: FileSource, maxPixels?: number): ImportTools {
  return {
    async decode(name) {
      const bytes = await source.read(name)
      const options = maxPixels === undefined ? {} : { maxPixels }
      const { image, orientation } = await decodeImageBytes(bytes, name, options)
      return applyOrientation(image, inverse(orientation))
    },
  }
}

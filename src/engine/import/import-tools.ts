import type { FileSource } from '../../shared/dataset/file-source'
import type { ImportTools } from '../../shared/dataset/import-tools'
import { decodeImageBytes } from '../images/decode-image'
import { applyOrientation } from '../images/decode-image-pixels'
import { inverseOrientation } from './turn'

/** The decoders of the engine, for importers that need pixels: masks stored as pictures, pairing by looks. */
export function importTools(source: FileSource, maxPixels?: number): ImportTools {
  return {
    async decode(name) {
      const bytes = await source.read(name)
      const options = maxPixels === undefined ? {} : { maxPixels }
      const { image, orientation } = await decodeImageBytes(bytes, name, options)
      return applyOrientation(image, inverseOrientation(orientation))
    },
  }
}

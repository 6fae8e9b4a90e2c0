import type { RgbImage } from '../vision/image'

/** What importers may ask of their host beyond bytes. All of it may be missing: importers then do without, and say so. */
export interface ImportTools {
  /**
   * The pixels of a picture below the root, as its file has them (not turned upright).
   * @throws AppError the codes of pictures, such as E_IMAGE_CORRUPT
   */
  readonly decode?: (name: string) => Promise<RgbImage>
}

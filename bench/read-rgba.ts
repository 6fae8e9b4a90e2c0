import { readFile } from 'node:fs/promises'
import { sharp } from '../src/engine/images/guarded-sharp'

/** A picture with its alpha: RGBA bytes, HWC. */
export async function readRgba(
  path: string,
): Promise<{ data: Uint8Array; width: number; height: number }> {
  const { data, info } = await sharp(await readFile(path))
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

import type { Mask } from '../../shared/vision'
import { maskOverlayPng } from '../images/encode-png'
import type { EncodedPicture } from './messages'

/** A mask as a picture to lay over another: white where it is set, transparent elsewhere. */
export async function encodeMask(mask: Mask): Promise<EncodedPicture> {
  const { width, height } = mask
  return { contentType: 'image/png', bytes: await maskOverlayPng(mask), width, height }
}

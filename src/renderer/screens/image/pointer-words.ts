import { ColourProbe } from '../../canvas/load-picture'
import { viewer } from '../../canvas/viewer.svelte'
import { imageState } from './image-state.svelte'
import { scenes } from './scenes.svelte'
import { imageText } from '../../strings/image'
import type { Mask } from '../../../shared/vision/mask'

let probe: ColourProbe | null = null

/** What lies under the pointer, for the status bar: place, colour, masks and probability. Empty while it is elsewhere. */
export function pointerWords(): string[] {
  const { pointer, picture } = viewer
  const { image } = imageState.source
  if (!pointer || !picture || !image) return []
  const [x, y] = [Math.floor(pointer.x), Math.floor(pointer.y)]
  if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return []
  const [shareX, shareY] = [(x + 0.5) / picture.width, (y + 0.5) / picture.height]
  probe ??= new ColourProbe()
  const mask = isIn(scenes.completed, x, y)
    ? imageText.inCompleted
    : isIn(scenes.raw, x, y)
      ? imageText.inRaw
      : null
  const map = imageState.probability.map
  return [
    imageText.at(x, y),
    imageText.rgb(probe.at(image, shareX, shareY)),
    ...(mask === null ? [] : [mask]),
    ...(map ? [imageText.probabilityAt(map.valueAt(shareX, shareY))] : []),
  ]
}

function isIn(mask: Mask | null, x: number, y: number): boolean {
  return mask !== null && x < mask.width && y < mask.height && mask.bits[y * mask.width + x] === 1
}

import { Canvas, type DrawnScene } from './canvas'
import { Dice } from './dice'
import { drawDesk, drawRoom, drawShelf } from './scene-indoors'
import { drawPark } from './scene-park'
import { drawStreet } from './scene-street'

const PAINTERS = [
  ['street', drawStreet],
  ['park', drawPark],
  ['room', drawRoom],
  ['street', drawStreet],
  ['desk', drawDesk],
  ['shelf', drawShelf],
] as const

/**
 * Draws a scene of 640 x 480 pixels as SVG, with the box and the COCO name of everything in it that can be seen.
 * The same whole number `seed` (0 or more) gives the same bytes; neighbouring seeds take turns at the kinds of scene.
 */
export function drawScene(seed: number): DrawnScene {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`a scene's seed is a whole number from 0 on, not ${String(seed)}`)
  }
  const [kind, paint] = PAINTERS[seed % PAINTERS.length] ?? PAINTERS[0]
  const canvas = new Canvas()
  paint(canvas, new Dice(seed))
  return canvas.finish(`${kind}-${String(seed).padStart(4, '0')}`)
}

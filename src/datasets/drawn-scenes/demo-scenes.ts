import type { DrawnScene } from './canvas'
import { drawScene } from './draw-scene'

/** An adversarial patch laid over a scene, in pixels of the scene. */
export interface PlacedPatch {
  /** Its file in the folder `patches`. */
  readonly file: string
  /** The file's bytes, base64. */
  readonly png: string
  readonly x: number
  readonly y: number
  /** Side of the square it covers; the files are of that size. */
  readonly size: number
}

export interface DemoScene {
  readonly scene: DrawnScene
  readonly patch?: PlacedPatch
}

type Plan = readonly [seed: number, file?: string, x?: number, y?: number, size?: number]

/** Patches were optimised for their scene and place by `models/training/detector/make_patches.py`. */
const PLANS: readonly Plan[] = [
  [1, 'hides-01.png', 473, 304, 128],
  [3],
  [5, 'person-appears-05.png', 98, 226, 128],
  [9, 'hides-09.png', 137, 219, 112],
  [10],
  [12],
  [15, 'hides-15.png', 401, 175, 144],
  [18],
  [20, 'cat-appears-20.png', 171, 170, 128],
  [21, 'hides-21.png', 414, 227, 144],
  [22, 'hides-22.png', 6, 352, 128],
  [23],
]

// Inlined, so that pure code reads no files and the demonstration needs none beside the program.
const files = import.meta.glob<string>('./patches/*.png', {
  eager: true,
  import: 'default',
  query: '?inline',
})

/** The dozen pictures of the demonstration: most with a patch that changes what the shipped detector finds. */
export function demoScenes(): readonly DemoScene[] {
  return PLANS.map(([seed, file, x = 0, y = 0, size = 0]) => {
    const scene = drawScene(seed)
    return file === undefined ? { scene } : { scene, patch: { file, png: pngOf(file), x, y, size } }
  })
}

function pngOf(file: string): string {
  const url = files[`./patches/${file}`]
  const head = 'data:image/png;base64,'
  if (!url?.startsWith(head)) throw new Error(`the patch ${file} is not part of the program`)
  return url.slice(head.length)
}

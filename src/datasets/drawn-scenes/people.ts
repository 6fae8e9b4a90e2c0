import { hsl, mix, shade } from './colour'
import type { Dice } from './dice'
import { Sketch, type Point } from './sketch'

const SKIN = ['#f3d3b8', '#e8b990', '#d39a6a', '#b57a4a', '#8c5a36', '#5f3b25'] as const
const HAIR = ['#2b1d14', '#4a2f1c', '#8a5a2b', '#c9a25b', '#1b1b1f', '#9a9a9a', '#7b3a1e'] as const

export type Pose = 'stand' | 'walk' | 'wave' | 'sit'

/**
 * A person of about 170 units, feet on the origin, seen from the front or the side. When sitting, the origin is on the
 * ground below the seat, which is 45 units high.
 */
export function person(dice: Dice, pose: Pose): Sketch {
  const sketch = new Sketch()
  const skin = dice.pick(SKIN)
  const hair = dice.pick(HAIR)
  const top = hsl(dice.range(0, 360), dice.range(0.12, 0.52), dice.range(0.25, 0.72))
  const legs = dice.pick([
    '#2b3a55',
    '#3c3c42',
    '#6b5b45',
    '#23262d',
    '#7a8aa0',
    '#4b4a3a',
  ] as const)
  const shoes = dice.pick(['#1d1d20', '#5b3a22', '#e8e8e8', '#8f2f2f'] as const)
  const build = dice.range(0.88, 1.12)
  if (pose !== 'sit') sketch.shadow(4, -1, 34, 6, 0.25)
  const hip = pose === 'sit' ? -52 : -84
  const neck = hip - 56
  const skirt = pose !== 'sit' && dice.chance(0.25)
  drawLegs(sketch, dice, { pose, hip, legs: skirt ? skin : legs, shoes, build })
  if (skirt) {
    const flare = dice.range(19, 27)
    sketch.polygon(
      [
        [-12, hip - 14],
        [12, hip - 14],
        [flare, hip + 34],
        [-flare, hip + 34],
      ],
      shade(top, dice.range(-0.45, -0.1)),
    )
  }
  const bag = dice.chance(0.2)
  if (bag) sketch.rect(-21, neck + 2, 42, 40, shade('#7c5a3a', dice.range(-0.5, 0.2)), 8)
  drawArms(sketch, dice, { pose, neck, hip, top, skin, build })
  drawTorso(sketch, dice, { neck, hip, top, build })
  drawHead(sketch, dice, { neck, skin, hair })
  return sketch
}

interface Legs {
  readonly pose: Pose
  readonly hip: number
  readonly legs: string
  readonly shoes: string
  readonly build: number
}

function drawLegs(sketch: Sketch, dice: Dice, { pose, hip, legs, shoes, build }: Legs): void {
  const width = 15 * build
  const dark = shade(legs, -0.22)
  const leg = (points: readonly Point[], colour: string) => {
    const foot = points.at(-1)!
    sketch.line(points, colour, width)
    sketch.line(
      [
        [foot[0], foot[1] + 4],
        [foot[0] + 8, foot[1] + 4],
      ],
      shoes,
      8,
    )
  }
  if (pose === 'sit') {
    for (const [dy, colour] of [
      [-3, dark],
      [0, legs],
    ] as const) {
      leg(
        [
          [0, hip + dy],
          [36, hip + 2 + dy],
          [38 + dy, -9],
        ],
        colour,
      )
    }
    return
  }
  const stride = pose === 'walk' ? dice.range(14, 26) : dice.range(5, 9)
  const bend = pose === 'walk' ? dice.range(3, 9) : 0
  leg(
    [
      [-5, hip],
      [-stride * 0.5 + bend, hip / 2],
      [-stride, pose === 'walk' ? -11 : -9],
    ],
    dark,
  )
  leg(
    [
      [5, hip],
      [stride * 0.5 + bend, hip / 2],
      [stride, -9],
    ],
    legs,
  )
}

interface Arms {
  readonly pose: Pose
  readonly neck: number
  readonly hip: number
  readonly top: string
  readonly skin: string
  readonly build: number
}

function drawArms(sketch: Sketch, dice: Dice, { pose, neck, hip, top, skin, build }: Arms): void {
  const short = dice.chance(0.4)
  const shoulder = 17 * build
  const arm = (elbow: Point, hand: Point, side: number, colour: string) => {
    const start: Point = [side * shoulder, neck + 9]
    sketch.line(short ? [elbow, hand] : [hand, hand], skin, 8.5)
    sketch.line(short ? [start, mid(start, elbow)] : [start, elbow, mid(elbow, hand)], colour, 11)
    if (short) sketch.line([mid(start, elbow), elbow], skin, 8.5)
    else sketch.line([mid(elbow, hand), hand], skin, 7.5)
  }
  const dark = shade(top, -0.2)
  const swing = pose === 'walk' ? dice.range(10, 22) : dice.range(2, 6)
  if (pose === 'sit') {
    arm([14, neck + 32], [32, hip - 6], 0.4, dark)
    return
  }
  arm([-shoulder - swing * 0.4, neck + 33], [-shoulder - swing + 4, hip + 2], -1, dark)
  if (pose === 'wave') arm([shoulder + 14, neck + 2], [shoulder + 20, neck - 30], 1, dark)
  else arm([shoulder + swing * 0.3, neck + 33], [shoulder + swing, hip - 2], 1, dark)
}

function drawTorso(
  sketch: Sketch,
  dice: Dice,
  { neck, hip, top, build }: Pick<Arms, 'neck' | 'hip' | 'top' | 'build'>,
): void {
  const w = 21 * build
  const fill = sketch.gradient(shade(top, 0.12), shade(top, -0.18))
  sketch.blob(
    [
      [-8, neck - 1],
      [8, neck - 1],
      [w, neck + 8],
      [w - 3, neck + 30],
      [w - 4, hip + 6],
      [0, hip + 9],
      [-w + 4, hip + 6],
      [-w + 3, neck + 30],
      [-w, neck + 8],
    ],
    fill,
  )
  const style = dice.int(0, 4)
  if (style === 0) sketch.rect(-w + 4, neck + 26, 2 * w - 8, 7, shade(top, 0.45))
  if (style === 1) {
    const jacket = shade(top, -0.4)
    sketch.line(
      [
        [0, neck + 2],
        [0, hip + 6],
      ],
      jacket,
      1.5,
    )
    sketch.polygon(
      [
        [-7, neck],
        [7, neck],
        [0, neck + 16],
      ],
      mix(top, '#f4f0e8', 0.8),
    )
  }
}

function drawHead(
  sketch: Sketch,
  dice: Dice,
  { neck, skin, hair }: { neck: number; skin: string; hair: string },
): void {
  const face = neck - 17
  const back = dice.chance(0.2)
  const long = dice.chance(0.4)
  sketch.line(
    [
      [0, neck - 5],
      [0, neck + 4],
    ],
    shade(skin, -0.15),
    9,
  )
  if (long) sketch.ellipse(0, face + 5, 13, 18, shade(hair, -0.15))
  sketch.ellipse(0, face, 10.5, 13, sketch.glow(shade(skin, 0.15), shade(skin, -0.12)))
  if (back) {
    sketch.ellipse(0, face - 1, 11, 13, hair)
    return
  }
  sketch.blob(
    [
      [-11.5, face + 1],
      [-10, face - 10],
      [0, face - 15],
      [10, face - 10],
      [11.5, face + 1],
      [7, face - 6],
      [-2, face - 7],
    ],
    hair,
  )
  for (const x of [-4, 4]) sketch.ellipse(x, face - 1, 1.3, 1.6, '#2a211c')
  sketch.line(
    [
      [-3, face + 6],
      [0, face + 7],
      [3, face + 6],
    ],
    shade(skin, -0.4),
    1.2,
  )
  if (dice.chance(0.18)) {
    const cap = hsl(dice.range(0, 360), 0.5, 0.4)
    sketch.blob(
      [
        [-12, face - 6],
        [-8, face - 16],
        [6, face - 16],
        [12, face - 7],
        [19, face - 5],
      ],
      cap,
    )
  }
}

function mid(a: Point, b: Point): Point {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
}

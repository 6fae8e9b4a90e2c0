import { mix, shade } from './colour'
import type { Dice } from './dice'
import { Sketch, type Point } from './sketch'

/** A dog from the side, about 110 x 80 units, looking to the right. */
export function dog(dice: Dice): Sketch {
  const sketch = new Sketch()
  const coat = dice.pick([
    '#8a5a2e',
    '#c99a5b',
    '#3a2d26',
    '#e4d9c6',
    '#6e6a66',
    '#a3703d',
  ] as const)
  const dark = shade(coat, -0.25)
  sketch.shadow(0, -1, 52, 5, 0.25)
  const tail = dice.range(-22, 6)
  sketch.line(
    [
      [-38, -54],
      [-52, -60 + tail * 0.5],
      [-57, -66 + tail],
    ],
    coat,
    7,
  )
  const step = dice.range(-4, 6)
  for (const [x, colour] of [
    [-26 + step, dark],
    [20 + step, dark],
    [-34, coat],
    [28, coat],
  ] as const) {
    sketch.line(
      [
        [x, -36],
        [x + 2, -18],
        [x, -4],
        [x + 5, -4],
      ],
      colour,
      8,
    )
  }
  sketch.blob(
    [
      [-42, -52],
      [-30, -62],
      [0, -58],
      [26, -64],
      [38, -54],
      [32, -34],
      [0, -33],
      [-36, -34],
    ],
    sketch.gradient(shade(coat, 0.12), dark),
  )
  sketch.polygon(
    [
      [24, -60],
      [34, -44],
      [50, -64],
      [40, -76],
    ],
    coat,
  )
  sketch.blob(
    [
      [32, -74],
      [42, -84],
      [54, -80],
      [66, -72],
      [65, -65],
      [50, -62],
      [38, -62],
    ],
    shade(coat, 0.06),
  )
  const ear = dice.chance(0.5)
  sketch.blob(
    ear
      ? [
          [36, -82],
          [44, -80],
          [42, -64],
          [34, -60],
        ]
      : [
          [36, -80],
          [38, -96],
          [47, -82],
        ],
    dark,
  )
  sketch.ellipse(51, -75, 2, 2, '#17120e')
  sketch.ellipse(65, -71, 3, 2.6, '#17120e')
  if (dice.chance(0.6)) {
    sketch.line(
      [
        [31, -55],
        [42, -62],
      ],
      dice.pick(['#b3261e', '#2f6db5', '#3d8a4f'] as const),
      4,
    )
  }
  return sketch
}

/** A sitting cat, about 45 x 62 units, facing the viewer. */
export function cat(dice: Dice): Sketch {
  const sketch = new Sketch()
  const coat = dice.pick([
    '#4a4744',
    '#c4803c',
    '#e6ddcf',
    '#8b8580',
    '#2b2828',
    '#a98258',
  ] as const)
  const dark = shade(coat, -0.3)
  const belly = mix(coat, '#f6efe4', 0.55)
  sketch.shadow(2, -1, 26, 4, 0.25)
  sketch.line(
    [
      [14, -6],
      [27, -5],
      [31, -14],
      [27, -20],
    ],
    dark,
    5.5,
  )
  sketch.blob(
    [
      [-8, -42],
      [8, -42],
      [18, -16],
      [17, -2],
      [0, 0],
      [-17, -2],
      [-18, -16],
    ],
    sketch.gradient(coat, dark),
  )
  sketch.ellipse(0, -20, 8, 15, belly)
  for (const x of [-6, 6]) {
    sketch.line(
      [
        [x, -20],
        [x, -3],
      ],
      coat,
      6.5,
    )
  }
  const ear = (side: number): Point[] => [
    [side * 14, -50],
    [side * 13, -66],
    [side * 3, -58],
  ]
  sketch.polygon(ear(-1), dark).polygon(ear(1), dark)
  sketch.ellipse(0, -48, 15, 13, sketch.glow(shade(coat, 0.15), coat))
  for (let stripe = -1; stripe <= 1; stripe += 1) {
    sketch.line(
      [
        [stripe * 4, -60],
        [stripe * 3, -54],
      ],
      dark,
      1.8,
    )
  }
  const eyes = dice.pick(['#9fc24a', '#e0b23a', '#6fb3d6'] as const)
  for (const x of [-6, 6]) {
    sketch.ellipse(x, -50, 3, 3.2, eyes)
    sketch.ellipse(x, -50, 1, 3, '#15120f')
  }
  sketch.polygon(
    [
      [-2.2, -45],
      [2.2, -45],
      [0, -42.5],
    ],
    '#c77a74',
  )
  for (const side of [-1, 1]) {
    sketch.line(
      [
        [side * 4, -43],
        [side * 17, -45],
      ],
      '#efe9df',
      0.7,
    )
  }
  return sketch
}

/** A small bird standing on the origin, about 26 x 22 units, looking to the right. */
export function bird(dice: Dice): Sketch {
  const sketch = new Sketch()
  const back = dice.pick([
    '#4c5661',
    '#6b4a2e',
    '#2f5f94',
    '#2a2a2e',
    '#8a8f96',
    '#a4432f',
  ] as const)
  const breast = dice.pick(['#e9e2d4', '#d98a4a', '#c9cdd2', '#e6cf7a'] as const)
  for (const x of [-1, 3]) {
    sketch.line(
      [
        [x, -6],
        [x + 1, -0.6],
        [x + 3, -0.6],
      ],
      '#7a5a34',
      1.1,
    )
  }
  sketch.polygon(
    [
      [-9, -12],
      [-20, -9],
      [-19, -5],
      [-8, -8],
    ],
    shade(back, -0.2),
  )
  sketch.blob(
    [
      [-10, -11],
      [-2, -16],
      [7, -15],
      [9, -8],
      [2, -4],
      [-7, -5],
    ],
    sketch.gradient(back, breast),
  )
  sketch.ellipse(8, -17, 5.2, 5, back)
  sketch.blob(
    [
      [-11, -10],
      [-3, -14],
      [3, -11],
      [-4, -7],
    ],
    shade(back, -0.25),
  )
  sketch.polygon(
    [
      [12.5, -18.5],
      [18, -16.5],
      [12.5, -15.5],
    ],
    '#d8992f',
  )
  return sketch.ellipse(9.5, -18, 1, 1, '#0d0d0f')
}

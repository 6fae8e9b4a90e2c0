import { hsl, shade } from './colour'
import type { Dice } from './dice'
import { Sketch } from './sketch'

const WOOD = ['#8a5f3a', '#b98c5c', '#5d4030', '#d2b48a', '#6f4e37'] as const

/** A chair, about 45 x 92 units, seen a little from the side. */
export function chair(dice: Dice): Sketch {
  const sketch = new Sketch()
  const wood = dice.chance(0.6)
    ? dice.pick(WOOD)
    : hsl(dice.range(0, 360), dice.range(0.2, 0.6), dice.range(0.3, 0.6))
  const dark = shade(wood, -0.3)
  sketch.shadow(3, -1, 30, 5, 0.25)
  for (const [x, y, colour] of [
    [-14, -6, dark],
    [22, -6, dark],
    [-21, 0, wood],
    [15, 0, wood],
  ] as const) {
    sketch.line(
      [
        [x, -42],
        [x, y - 2],
      ],
      colour,
      4,
    )
  }
  sketch.line(
    [
      [-21, -44],
      [-23, -90],
    ],
    wood,
    4.5,
  )
  sketch.line(
    [
      [-14, -48],
      [-16, -92],
    ],
    dark,
    4.5,
  )
  const back = dice.chance(0.5)
  if (back) {
    sketch.polygon(
      [
        [-24, -91],
        [-14, -93],
        [-12, -62],
        [-22, -58],
      ],
      wood,
    )
  } else {
    for (const y of [-88, -76, -64]) {
      sketch.line(
        [
          [-22, y],
          [-15, y - 2],
        ],
        wood,
        5,
      )
    }
  }
  sketch.polygon(
    [
      [-24, -42],
      [-15, -50],
      [25, -50],
      [18, -42],
    ],
    sketch.gradient(shade(wood, 0.2), wood),
  )
  return sketch.rect(-24, -43, 42, 5, dark, 1.5)
}

/** A sofa, about 190 x 85 units, from the front. */
export function couch(dice: Dice): Sketch {
  const sketch = new Sketch()
  const cloth = hsl(dice.range(0, 360), dice.range(0.12, 0.45), dice.range(0.35, 0.62))
  const dark = shade(cloth, -0.22)
  sketch.shadow(0, -1, 104, 7, 0.28)
  for (const x of [-84, 78]) sketch.rect(x, -10, 7, 10, '#3a2a1e', 1)
  sketch.rect(-88, -86, 176, 60, sketch.gradient(shade(cloth, 0.1), dark), 12)
  for (const x of [-74, 2]) sketch.rect(x, -76, 72, 44, shade(cloth, 0.08), 9)
  sketch.rect(-80, -46, 160, 36, dark, 6)
  for (const x of [-76, 1])
    sketch.rect(x, -50, 75, 20, sketch.gradient(shade(cloth, 0.22), cloth), 7)
  for (const x of [-98, 76]) {
    sketch.rect(x, -62, 22, 54, sketch.gradient(shade(cloth, 0.15), dark), 9)
  }
  if (dice.chance(0.7)) {
    const cushion = hsl(dice.range(0, 360), 0.45, 0.6)
    const x = dice.pick([-66, 34] as const)
    sketch.blob(
      [
        [x, -78],
        [x + 30, -74],
        [x + 33, -47],
        [x + 2, -48],
      ],
      cushion,
    )
  }
  return sketch
}

/** A plant in a pot, about 45 x 85 units, on the origin. */
export function pottedPlant(dice: Dice): Sketch {
  const sketch = new Sketch()
  const clay = dice.pick(['#b5673e', '#e6e0d4', '#54606b', '#c9a36b', '#3f3f45'] as const)
  const hue = dice.range(85, 150)
  const leaf = (lightness: number) => hsl(hue, dice.range(0.3, 0.5), lightness)
  sketch.shadow(2, -1, 20, 4, 0.25)
  const upright = dice.chance(0.4)
  const count = upright ? 9 : 15
  for (let i = 0; i < count; i += 1) {
    const side = (i / (count - 1)) * 2 - 1
    const reach = upright ? 12 * side : 26 * side
    const top = upright
      ? -58 - dice.range(0, 30)
      : -40 - 38 * Math.cos(side * 1.3) - dice.range(0, 8)
    const w = upright ? 3.5 : 6
    sketch.blob(
      [
        [side * 4, -26],
        [reach * 0.7 - w, (top - 26) / 2 - 4],
        [reach, top],
        [reach * 0.7 + w, (top - 26) / 2 + 2],
      ],
      leaf(0.24 + 0.2 * dice.next()),
    )
  }
  sketch.polygon(
    [
      [-15, -28],
      [15, -28],
      [11, 0],
      [-11, 0],
    ],
    sketch.gradient(shade(clay, 0.2), shade(clay, -0.25), true),
  )
  return sketch.rect(-17, -31, 34, 6, shade(clay, -0.08), 1.5)
}

/** A wall clock of 30 units around the origin, hands as strokes. */
export function clock(dice: Dice): Sketch {
  const sketch = new Sketch()
  const rim = dice.pick(['#2a2c30', '#8a5f3a', '#b3261e', '#c9ccd0', '#2f5f94'] as const)
  sketch.shadow(1.2, 1.4, 15.4, 15.4, 0.22)
  sketch.ellipse(0, 0, 15, 15, sketch.glow(shade(rim, 0.3), rim))
  sketch.ellipse(0, 0, 12.6, 12.6, dice.pick(['#f7f5ef', '#fdfdfb', '#efe6d0'] as const))
  for (let hour = 0; hour < 12; hour += 1) {
    const angle = (hour * Math.PI) / 6
    const [x, y] = [Math.sin(angle), Math.cos(angle)]
    const inner = hour % 3 === 0 ? 9 : 10.2
    sketch.line(
      [
        [inner * x, inner * y],
        [11.4 * x, 11.4 * y],
      ],
      '#24262b',
      hour % 3 === 0 ? 1.3 : 0.8,
    )
  }
  const minutes = dice.range(0, 2 * Math.PI)
  const hours = dice.range(0, 2 * Math.PI)
  const hand = (angle: number, length: number, width: number) =>
    sketch.line(
      [
        [0, 0],
        [length * Math.sin(angle), -length * Math.cos(angle)],
      ],
      '#1a1b1e',
      width,
    )
  hand(hours, 6.2, 1.6)
  hand(minutes, 9.6, 1)
  return sketch.ellipse(0, 0, 1.3, 1.3, '#b3261e')
}

/** A park bench, about 160 x 80 units, from the front. */
export function bench(dice: Dice): Sketch {
  const sketch = new Sketch()
  const wood = dice.pick(WOOD)
  sketch.shadow(0, -1, 84, 6, 0.25)
  for (const x of [-68, 60]) {
    sketch.rect(x, -78, 7, 78, '#33373c', 2)
    sketch.rect(x - 4, -44, 15, 5, '#33373c', 2)
  }
  for (const y of [-78, -66, -54])
    sketch.rect(-80, y, 160, 8, shade(wood, dice.range(-0.1, 0.15)), 2)
  for (const y of [-44, -38]) sketch.rect(-82, y, 164, 6, shade(wood, dice.range(-0.05, 0.25)), 2)
  return sketch
}

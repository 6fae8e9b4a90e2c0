import { hsl, shade } from './colour'
import type { Dice } from './dice'
import { Sketch } from './sketch'

/** A bottle, about 8 x 28 units, on the origin. */
export function bottle(dice: Dice): Sketch {
  const sketch = new Sketch()
  const glass = dice.pick([
    '#2f6b45',
    '#6b4223',
    '#9cc3cf',
    '#33406b',
    '#b04a3a',
    '#d9dfe2',
  ] as const)
  const w = dice.range(3.4, 4.6)
  const shoulder = dice.range(-18, -15)
  sketch.shadow(1, -0.2, w + 2, 0.9, 0.25)
  sketch.blob(
    [
      [-w, -1],
      [-w, shoulder],
      [-w * 0.6, shoulder - 3.5],
      [-1.4, shoulder - 6],
      [-1.4, -27],
      [1.4, -27],
      [1.4, shoulder - 6],
      [w * 0.6, shoulder - 3.5],
      [w, shoulder],
      [w, -1],
      [0, 0],
    ],
    sketch.gradient(shade(glass, 0.25), shade(glass, -0.3), true),
  )
  sketch.rect(
    -1.9,
    -28.6,
    3.8,
    3,
    dice.pick(['#c8a94a', '#e7e3da', '#33363b', '#b3261e'] as const),
    0.6,
  )
  const label = dice.pick(['#f0e9d8', '#e2c35a', '#d6dde2', '#c7553f'] as const)
  sketch.rect(-w, shoulder + 3, 2 * w, 8, label)
  sketch.rect(-w * 0.6, shoulder + 5, w * 1.2, 1.2, shade(label, -0.5))
  sketch.rect(-w * 0.4, shoulder + 7.4, w * 0.8, 0.8, shade(label, -0.4))
  return sketch.rect(-w * 0.7, shoulder, 0.8, 14, '#ffffff', 0.4, { opacity: 0.45 })
}

/** A mug with a handle, about 12 x 9.5 units, on the origin. */
export function cup(dice: Dice): Sketch {
  const sketch = new Sketch()
  const glaze = dice.chance(0.3)
    ? '#f1eee7'
    : hsl(dice.range(0, 360), dice.range(0.25, 0.65), dice.range(0.35, 0.65))
  sketch.shadow(1, -0.2, 6.5, 0.9, 0.25)
  sketch.line(
    [
      [4, -7.3],
      [7, -7],
      [7.4, -4.2],
      [4, -2.6],
    ],
    shade(glaze, -0.15),
    1.3,
  )
  const taper = dice.range(0.3, 1)
  sketch.polygon(
    [
      [-4.6, -9],
      [4.6, -9],
      [4.6 - taper, -0.6],
      [3, 0],
      [-3, 0],
      [-4.6 + taper, -0.6],
    ],
    sketch.gradient(shade(glaze, 0.2), shade(glaze, -0.25), true),
  )
  sketch.ellipse(0, -9, 4.6, 1.1, shade(glaze, 0.3))
  sketch.ellipse(0, -8.9, 3.9, 0.8, dice.pick(['#4a2c17', '#8a5a2c', '#d9cfbf'] as const))
  if (dice.chance(0.5)) sketch.rect(-4.2, -5.6, 8.4, 1.6, shade(glaze, -0.35))
  return sketch
}

/** A vase, about 12 x 24 units, on the origin; sometimes with dry stems, which count as part of it. */
export function vase(dice: Dice): Sketch {
  const sketch = new Sketch()
  const glaze = hsl(dice.range(0, 360), dice.range(0.2, 0.55), dice.range(0.4, 0.7))
  const belly = dice.range(5, 7.5)
  sketch.shadow(1, -0.2, belly, 0.9, 0.25)
  if (dice.chance(0.6)) {
    for (let i = -2; i <= 2; i += 1) {
      sketch.line(
        [
          [0, -20],
          [i * 2.4, -34 - Math.abs(2 - i)],
        ],
        '#6d7a4a',
        0.6,
      )
      sketch.ellipse(i * 2.5, -35 - Math.abs(2 - i), 1.7, 2.2, hsl(20 + i * 14, 0.55, 0.62))
    }
  }
  sketch.blob(
    [
      [-2.6, -24],
      [2.6, -24],
      [2.2, -19],
      [belly, -11],
      [belly * 0.7, -2],
      [3, 0],
      [-3, 0],
      [-belly * 0.7, -2],
      [-belly, -11],
      [-2.2, -19],
    ],
    sketch.gradient(shade(glaze, 0.25), shade(glaze, -0.3), true),
  )
  return sketch.rect(-belly * 0.9, -12.5, belly * 1.8, 2, shade(glaze, 0.4), 0.8)
}

/** One to four plain bowls in a pile, about 16 units wide: furniture of a shelf, labelled nothing. */
export function bowls(dice: Dice): Sketch {
  const sketch = new Sketch()
  const count = dice.int(1, 4)
  for (let i = 0; i < count; i += 1) {
    const y = -i * 2.6
    const glaze = hsl(dice.range(20, 60), 0.2, dice.range(0.6, 0.85))
    sketch.blob(
      [
        [-8, y - 5],
        [8, y - 5],
        [4, y],
        [-4, y],
      ],
      sketch.gradient(glaze, shade(glaze, -0.3), true),
    )
  }
  return sketch
}

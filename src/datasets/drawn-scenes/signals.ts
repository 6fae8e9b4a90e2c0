import { hsl, shade } from './colour'
import type { Dice } from './dice'
import { Sketch, type Point } from './sketch'

/** The four letters as strokes in a box of 20 x 30, so that no font is needed. */
const LETTERS: readonly (readonly Point[])[] = [
  [
    [18, 6],
    [15, 1],
    [8, 0],
    [2, 4],
    [2, 10],
    [8, 14],
    [14, 17],
    [18, 22],
    [16, 28],
    [9, 30],
    [2, 27],
    [1, 23],
  ],
  [
    [0, 0],
    [20, 0],
    [10, 0],
    [10, 30],
  ],
  [
    [10, 0],
    [17, 3],
    [20, 10],
    [20, 20],
    [17, 27],
    [10, 30],
    [3, 27],
    [0, 20],
    [0, 10],
    [3, 3],
    [10, 0],
  ],
  [
    [2, 30],
    [2, 0],
    [13, 0],
    [18, 4],
    [18, 11],
    [13, 16],
    [2, 16],
  ],
]

/** The pole of a sign, apart from its plate because the label `stop sign` means the plate alone. */
export function signPole(height: number): Sketch {
  const sketch = new Sketch()
  sketch.shadow(2, 0, 18, 4, 0.25)
  return sketch.rect(-3.5, -height, 7, height, sketch.gradient('#c9ccd0', '#6d7178', true), 2)
}

/** An octagonal plate 75 units wide around the origin. */
export function stopPlate(dice: Dice): Sketch {
  const sketch = new Sketch()
  const red = hsl(dice.range(-6, 8), dice.range(0.6, 0.85), dice.range(0.34, 0.47))
  sketch.polygon(octagon(37.5), '#f3f1ec')
  sketch.polygon(octagon(34.5), sketch.gradient(shade(red, 0.1), shade(red, -0.15)))
  LETTERS.forEach((letter, i) => {
    const left = -28.5 + i * 14.8
    const points = letter.map(([x, y]): Point => [left + x * 0.56, -11 + y * 0.74])
    sketch.line(points, '#f6f4ef', 3.4)
  })
  return sketch
}

function octagon(radius: number): Point[] {
  return Array.from({ length: 8 }, (_, i): Point => {
    const angle = ((i + 0.5) * Math.PI) / 4
    const reach = radius / Math.cos(Math.PI / 8)
    return [reach * Math.cos(angle), reach * Math.sin(angle)]
  })
}

/** A signal head 32 x 86 units around the origin: labelled apart from its mast, as with signs. */
export function trafficLight(dice: Dice): Sketch {
  const sketch = new Sketch()
  const lit = dice.int(0, 2)
  const body = dice.pick(['#22252a', '#2d3b33', '#c09a2a'] as const)
  sketch.rect(-16, -43, 32, 86, sketch.gradient(shade(body, 0.18), shade(body, -0.25), true), 6)
  ;(['#e5352b', '#f2b632', '#37c46a'] as const).forEach((colour, i) => {
    const y = -27 + i * 27
    const on = i === lit
    sketch.ellipse(0, y, 11.5, 11.5, '#101216')
    const lamp = on ? sketch.glow(shade(colour, 0.55), colour) : shade(colour, -0.68)
    sketch.ellipse(0, y, 9.5, 9.5, lamp)
    sketch.rect(-11.5, y - 12.5, 23, 4, shade(body, -0.4), 2)
  })
  return sketch
}

/** A red or yellow hydrant, about 75 units tall on the origin. */
export function fireHydrant(dice: Dice): Sketch {
  const sketch = new Sketch()
  const paint = dice.pick(['#b9322c', '#d2a12c', '#c3552a'] as const)
  const body = sketch.gradient(shade(paint, 0.2), shade(paint, -0.3), true)
  sketch.shadow(6, -1, 24, 5, 0.25)
  sketch.rect(-17, -8, 34, 8, shade(paint, -0.25), 2)
  sketch.rect(-12, -56, 24, 50, body, 3)
  sketch.rect(-21, -44, 42, 12, shade(paint, -0.1), 4)
  sketch.ellipse(0, -38, 8, 8, shade(paint, 0.15), { stroke: shade(paint, -0.4), strokeWidth: 2 })
  sketch.rect(-15, -60, 30, 6, shade(paint, -0.2), 2)
  sketch.ellipse(0, -61, 12, 10, body)
  return sketch.rect(-4, -76, 8, 8, shade(paint, -0.3), 2)
}

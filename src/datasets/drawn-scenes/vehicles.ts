import { hsl, mix, shade } from './colour'
import type { Dice } from './dice'
import { Sketch, type Point } from './sketch'

function paint(dice: Dice): string {
  if (dice.chance(0.35)) return dice.pick(['#d9dadc', '#8f959c', '#2a2d33', '#f2f1ee'] as const)
  return hsl(dice.range(0, 360), dice.range(0.35, 0.7), dice.range(0.3, 0.55))
}

function wheel(sketch: Sketch, x: number, radius: number): void {
  sketch.ellipse(x, -radius, radius, radius, '#1c1d20')
  sketch.ellipse(x, -radius, radius * 0.6, radius * 0.6, sketch.glow('#dcdfe3', '#73787f'))
  sketch.ellipse(x, -radius, radius * 0.18, radius * 0.18, '#3a3d42')
}

/** A car from the side, about 420 x 145 units, driving to the right. */
export function carSide(dice: Dice): Sketch {
  const sketch = new Sketch()
  const colour = paint(dice)
  const body = sketch.gradient(shade(colour, 0.22), shade(colour, -0.25))
  const glass = sketch.gradient('#dfeaf0', '#5d7383')
  const van = dice.chance(0.3)
  const roof = van ? -165 : -142
  const tail = van ? -196 : -130
  sketch.shadow(0, -2, 222, 13, 0.35)
  sketch.blob(
    [
      [tail, -90],
      [van ? -188 : -88, roof + 8],
      [-20, roof],
      [45, roof + 6],
      [105, -92],
      [60, -80],
      [-100, -80],
    ],
    body,
  )
  const sill = van ? -178 : -104
  sketch.polygon(
    [
      [sill, -93],
      [van ? -170 : -80, roof + 15],
      [-28, roof + 12],
      [-28, -93],
    ],
    glass,
  )
  sketch.polygon(
    [
      [-18, -93],
      [-18, roof + 12],
      [36, roof + 17],
      [82, -93],
    ],
    glass,
  )
  sketch.blob(
    [
      [-205, -42],
      [-200, -84],
      [-120, -95],
      [90, -94],
      [175, -82],
      [206, -62],
      [207, -34],
      [150, -26],
      [-190, -26],
    ],
    body,
  )
  sketch.line(
    [
      [-22, -90],
      [-22, -34],
    ],
    shade(colour, -0.4),
    1.6,
  )
  sketch.rect(-60, -80, 16, 4, shade(colour, -0.45), 2)
  sketch.ellipse(194, -64, 10, 8, '#fdf3cf')
  sketch.rect(-207, -76, 9, 18, '#b3261e', 3)
  wheel(sketch, -125, 34)
  wheel(sketch, 125, 34)
  return sketch
}

/** A car from the front or behind, about 185 x 148 units. */
export function carFront(dice: Dice): Sketch {
  const sketch = new Sketch()
  const colour = paint(dice)
  const behind = dice.chance(0.5)
  const body = sketch.gradient(shade(colour, 0.2), shade(colour, -0.28))
  const lamp = behind ? '#c3271f' : '#fff6d8'
  sketch.shadow(0, -2, 100, 11, 0.4)
  for (const x of [-84, 58]) sketch.rect(x, -34, 26, 34, '#17181b', 6)
  sketch.blob(
    [
      [-66, -80],
      [-58, -132],
      [0, -146],
      [58, -132],
      [66, -80],
    ],
    body,
  )
  sketch.polygon(
    [
      [-60, -88],
      [-50, -130],
      [50, -130],
      [60, -88],
    ],
    sketch.gradient('#d4e2ea', '#4c606f'),
  )
  sketch.blob(
    [
      [-88, -28],
      [-92, -62],
      [-76, -88],
      [0, -94],
      [76, -88],
      [92, -62],
      [88, -28],
      [0, -22],
    ],
    body,
  )
  for (const x of [-68, 68]) sketch.ellipse(x, -64, 15, 9, lamp)
  if (behind) sketch.rect(-46, -64, 92, 3, shade(colour, -0.35))
  else sketch.rect(-40, -66, 80, 18, '#22252a', 6)
  return sketch.rect(-22, -44, 44, 12, '#eceadf', 2)
}

/** A city bus from the side, about 1050 x 300 units. */
export function bus(dice: Dice): Sketch {
  const sketch = new Sketch()
  const colour = hsl(dice.range(0, 360), dice.range(0.4, 0.7), dice.range(0.35, 0.5))
  sketch.shadow(0, -3, 545, 22, 0.35)
  sketch.rect(-520, -305, 1040, 270, sketch.gradient(shade(colour, 0.25), shade(colour, -0.2)), 26)
  sketch.rect(-520, -120, 1040, 26, mix(colour, '#ffffff', 0.75))
  const glass = sketch.gradient('#cfe0ea', '#4f6575')
  for (let i = 0; i < 6; i += 1) {
    if (i === 2) continue
    sketch.rect(-490 + i * 152, -268, 138, 110, glass, 8)
  }
  sketch.rect(-186, -268, 128, 226, '#2a3440', 6)
  for (const x of [-180, -119]) sketch.rect(x, -260, 55, 210, glass, 4)
  sketch.rect(436, -268, 78, 130, glass, 8)
  sketch.rect(300, -297, 190, 24, '#1d2024', 4)
  sketch.line(
    [
      [320, -285],
      [460, -285],
    ],
    '#f2b632',
    8,
  )
  sketch.rect(506, -84, 16, 26, '#fdf3cf', 5)
  for (const x of [-340, 330]) wheel(sketch, x, 50)
  return sketch
}

/** A bicycle from the side, about 175 x 105 units. */
export function bicycle(dice: Dice): Sketch {
  const sketch = new Sketch()
  const frame = hsl(dice.range(0, 360), dice.range(0.2, 0.5), dice.range(0.25, 0.5))
  const tyre = '#1f2023'
  sketch.shadow(0, -1, 90, 6, 0.25)
  for (const x of [-54, 54]) {
    sketch.ring(x, -34, 31, 5, tyre)
    sketch.ring(x, -34, 27.5, 1.4, '#b9bec4')
    for (let spoke = 0; spoke < 8; spoke += 1) {
      const angle = (spoke * Math.PI) / 8
      const [dx, dy] = [27 * Math.cos(angle), 27 * Math.sin(angle)]
      const ends: Point[] = [
        [x - dx, -34 - dy],
        [x + dx, -34 + dy],
      ]
      sketch.line(ends, '#9aa0a6', 0.8)
    }
  }
  sketch.line(
    [
      [-54, -34],
      [-6, -32],
      [36, -78],
      [-20, -78],
      [-54, -34],
    ],
    frame,
    5.5,
  )
  sketch.line(
    [
      [-6, -32],
      [-24, -90],
    ],
    frame,
    5.5,
  )
  sketch.line(
    [
      [54, -34],
      [34, -92],
      [46, -100],
    ],
    frame,
    5,
  )
  sketch.line(
    [
      [-36, -92],
      [-14, -93],
    ],
    '#2a2420',
    7,
  )
  sketch.line(
    [
      [36, -99],
      [52, -99],
    ],
    '#2a2420',
    5,
  )
  sketch.ellipse(-6, -32, 9, 9, '#6a7077')
  return sketch.line(
    [
      [-13, -24],
      [1, -40],
    ],
    '#33373c',
    3.5,
  )
}

import { hsl, mix, shade } from './colour'
import type { Dice } from './dice'
import { Sketch, type Point } from './sketch'

/** A television on a foot, about 110 x 72 units, on the origin. */
export function television(dice: Dice): Sketch {
  const sketch = new Sketch()
  sketch.shadow(2, -0.5, 40, 3, 0.25)
  sketch.rect(-26, -4, 52, 4, '#1c1d20', 2)
  sketch.rect(-4, -9, 8, 7, '#232529')
  sketch.rect(-55, -72, 110, 64, '#17181b', 3)
  screen(sketch, dice, -52, -69, 104, 57)
  return sketch
}

/** A laptop, about 36 x 26 units, open towards the viewer. */
export function laptop(dice: Dice): Sketch {
  const sketch = new Sketch()
  const shell = dice.pick(['#c4c8cd', '#3b3e44', '#e5e1d8', '#6d7f95'] as const)
  sketch.shadow(1, -0.3, 21, 1.4, 0.25)
  sketch.polygon(
    [
      [-16, -4.6],
      [16, -4.6],
      [18.5, -0.8],
      [-18.5, -0.8],
    ],
    sketch.gradient(shade(shell, 0.1), shade(shell, -0.12)),
  )
  for (let row = 0; row < 3; row += 1) {
    sketch.line(
      [
        [-13 - row * 0.6, -4 + row * 0.8],
        [13 + row * 0.6, -4 + row * 0.8],
      ],
      '#2a2c30',
      0.5,
    )
  }
  sketch.rect(-18.5, -0.9, 37, 0.9, shade(shell, -0.3), 0.3)
  sketch.rect(-16, -26, 32, 21.4, shade(shell, -0.35), 1)
  screen(sketch, dice, -15, -25, 30, 19)
  return sketch
}

/** What a screen shows: a landscape, a page of text lines, a chart, or nothing. */
function screen(sketch: Sketch, dice: Dice, x: number, y: number, w: number, h: number): void {
  const kind = dice.int(0, 3)
  const hue = dice.range(170, 260)
  if (kind === 0) {
    sketch.rect(x, y, w, h, sketch.gradient('#20242b', '#0d0f12'))
    sketch.polygon(
      [
        [x + w * 0.1, y],
        [x + w * 0.35, y],
        [x + w * 0.1, y + h],
        [x, y + h],
      ],
      '#ffffff',
      { opacity: 0.06 },
    )
    return
  }
  if (kind === 1) {
    sketch.rect(x, y, w, h, sketch.gradient(hsl(hue, 0.5, 0.75), hsl(hue - 150, 0.5, 0.8)))
    const hills: Point[] = [
      [x, y + h * 0.7],
      [x + w * 0.25, y + h * 0.4],
      [x + w * 0.5, y + h * 0.68],
      [x + w * 0.72, y + h * 0.35],
      [x + w, y + h * 0.65],
      [x + w, y + h],
      [x, y + h],
    ]
    sketch.polygon(hills, hsl(hue - 80, 0.3, 0.35))
    return
  }
  sketch.rect(x, y, w, h, kind === 2 ? '#f2f3f5' : '#1f2733')
  const ink = kind === 2 ? '#8b929b' : '#7fb2a5'
  for (let i = 0; i < 7; i += 1) {
    const indent = kind === 2 ? 0.08 : 0.08 + 0.06 * dice.int(0, 2)
    const length = dice.range(0.2, 0.55)
    const ly = y + h * (0.14 + i * 0.115)
    sketch.line(
      [
        [x + w * indent, ly],
        [x + w * (indent + length), ly],
      ],
      mix(ink, hsl(hue, 0.6, 0.6), dice.next() * 0.6),
      h * 0.035,
    )
  }
}

/** A book standing upright with its spine to the viewer, `height` units tall. */
export function bookUpright(dice: Dice, height: number, width: number): Sketch {
  const sketch = new Sketch()
  const cloth = hsl(dice.range(0, 360), dice.range(0.15, 0.6), dice.range(0.25, 0.65))
  const fill = sketch.gradient(shade(cloth, 0.14), shade(cloth, -0.22), true)
  sketch.rect(-width / 2, -height, width, height, fill, 0.4)
  const gold = mix(cloth, '#f0e0b0', 0.75)
  sketch.rect(-width / 2, -height * 0.9, width, height * 0.03, gold)
  sketch.rect(-width / 2, -height * 0.16, width, height * 0.03, gold)
  if (width > 2.4) {
    const from = -height * dice.range(0.75, 0.8)
    sketch.rect(-width * 0.14, from, width * 0.28, height * dice.range(0.25, 0.45), gold)
  }
  return sketch
}

/** A book lying flat, about 24 x 4 units. */
export function bookFlat(dice: Dice): Sketch {
  const sketch = new Sketch()
  const cloth = hsl(dice.range(0, 360), dice.range(0.2, 0.6), dice.range(0.3, 0.6))
  const w = dice.range(19, 26)
  const h = dice.range(2.6, 4.6)
  sketch.rect(-w / 2, -h, w, h, cloth, 0.6)
  sketch.rect(-w / 2 + 1.2, -h + 0.7, w - 1.2, h - 1.4, '#efe8d8')
  return sketch.rect(-w / 2, -h, 1.6, h, shade(cloth, -0.25), 0.6)
}

/** A ball of 22 units on the origin: football, basketball, tennis ball. */
export function ball(dice: Dice): Sketch {
  const sketch = new Sketch()
  const kind = dice.pick(['football', 'basketball', 'tennis'] as const)
  sketch.shadow(2, -0.5, 12, 2.2, 0.3)
  if (kind === 'football') {
    sketch.ellipse(0, -11, 11, 11, sketch.glow('#ffffff', '#b9bcc2'))
    const patch = (cx: number, cy: number, r: number) =>
      sketch.polygon(
        Array.from({ length: 5 }, (_, i): Point => {
          const angle = (i * 2 * Math.PI) / 5 - Math.PI / 2
          return [cx + r * Math.cos(angle), cy + r * Math.sin(angle)]
        }),
        '#202226',
      )
    patch(0, -11, 3.8)
    for (const [x, y] of [
      [0, -19],
      [7.6, -13.6],
      [4.8, -4.6],
      [-4.8, -4.6],
      [-7.6, -13.6],
    ] as const) {
      patch(x, y, 2.3)
    }
    return sketch
  }
  const skin = kind === 'basketball' ? '#c9692c' : '#c6d545'
  sketch.ellipse(0, -11, 11, 11, sketch.glow(shade(skin, 0.3), shade(skin, -0.3)))
  const seam = kind === 'basketball' ? '#33231a' : '#f3f6e0'
  sketch.line(
    [
      [-10, -14],
      [-4, -11.5],
      [4, -10.5],
      [10, -8],
    ],
    seam,
    0.9,
  )
  return sketch.line(
    [
      [-3, -21],
      [0, -14],
      [0, -7],
      [-3, -1],
    ],
    seam,
    0.9,
  )
}

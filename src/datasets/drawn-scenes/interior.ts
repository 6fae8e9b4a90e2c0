import { hsl, mix, shade } from './colour'
import type { Dice } from './dice'
import type { Light } from './light'
import { Sketch } from './sketch'

/** A painted or papered wall from the top of the picture to `bottom`. Units are pixels. */
export function wall(sketch: Sketch, dice: Dice, width: number, bottom: number): string {
  const colour = hsl(dice.range(0, 360), dice.range(0.06, 0.28), dice.range(0.6, 0.86))
  sketch.rect(0, 0, width, bottom, sketch.gradient(shade(colour, 0.08), shade(colour, -0.12)))
  const paper = dice.int(0, 3)
  const ink = shade(colour, -0.06)
  if (paper === 0) for (let x = 8; x < width; x += 32) sketch.rect(x, 0, 12, bottom, ink)
  if (paper === 1) {
    for (let y = 14, row = 0; y < bottom; y += 26, row += 1) {
      for (let x = (row % 2) * 18 + 8; x < width; x += 36) sketch.ellipse(x, y, 3, 3, ink)
    }
  }
  if (paper === 2) {
    for (let y = 0, row = 0; y < bottom; y += 18, row += 1) {
      sketch.rect(0, y, width, 1.2, ink)
      for (let x = (row % 2) * 24; x < width; x += 48) sketch.rect(x, y, 1.2, 18, ink)
    }
  }
  return colour
}

/** Floor boards from `top` to `bottom`, running towards the viewer. Units are pixels. */
export function floorBoards(
  sketch: Sketch,
  dice: Dice,
  { width, top, bottom }: { width: number; top: number; bottom: number },
): void {
  const wood = dice.pick(['#9b734c', '#c7a679', '#7a5a44', '#b9b0a4', '#8d8378'] as const)
  const far = 46
  for (let i = -12; i <= 12; i += 1) {
    const spread = (bottom - top) / 120 + 1
    const x = width / 2 + i * far
    const near = width / 2 + i * far * spread
    sketch.polygon(
      [
        [x, top],
        [x + far, top],
        [near + far * spread, bottom],
        [near, bottom],
      ],
      shade(wood, dice.range(-0.1, 0.06)),
      { stroke: shade(wood, -0.25), strokeWidth: 0.8 },
    )
  }
  sketch.rect(0, top - 9, width, 10, mix(wood, '#f5f1e8', 0.7))
}

/** A window onto the sky, about 110 x 130 units, hung by its upper left corner. */
export function windowFrame(dice: Dice, light: Light): Sketch {
  const sketch = new Sketch()
  sketch.rect(-6, -6, 122, 142, '#ece7dc', 2)
  sketch.rect(0, 0, 110, 130, sketch.gradient(...light.sky))
  for (let i = 0; i < 5; i += 1) {
    const green = hsl(dice.range(80, 130), 0.25, light.name === 'night' ? 0.14 : 0.4)
    sketch.ellipse(14 + i * 21, 118, 13, dice.range(8, 24), green)
  }
  sketch.rect(53, 0, 4, 130, '#ece7dc').rect(0, 62, 110, 4, '#ece7dc')
  sketch.rect(-6, 128, 122, 8, '#d8d2c4')
  const curtain = hsl(dice.range(0, 360), 0.2, 0.75)
  for (const x of [-14, 104]) {
    sketch.rect(x, -10, 20, 150, sketch.gradient(curtain, shade(curtain, -0.15), true), 3)
  }
  return sketch
}

/** A framed picture of hills or plain shapes, about 50 x 40 units around the origin. */
export function pictureFrame(dice: Dice): Sketch {
  const sketch = new Sketch()
  const frame = dice.pick(['#2c2a28', '#a07a45', '#e9e4d8'] as const)
  sketch.shadow(1.5, 2, 27, 21, 0.12)
  sketch.rect(-26, -21, 52, 42, frame).rect(-23, -18, 46, 36, '#f4f0e6')
  const hue = dice.range(0, 360)
  sketch.rect(-19, -14, 38, 28, hsl(hue, 0.25, 0.75))
  if (dice.chance(0.5)) {
    sketch.polygon(
      [
        [-19, 14],
        [-19, 4],
        [-6, -5],
        [3, 3],
        [10, -2],
        [19, 6],
        [19, 14],
      ],
      hsl(hue + 40, 0.25, 0.42),
    )
    return sketch
  }
  sketch.ellipse(-4, 0, 9, 9, hsl(hue + 160, 0.35, 0.5))
  return sketch.rect(0, -4, 12, 13, hsl(hue + 60, 0.35, 0.6))
}

/** A standing lamp with a cloth shade, about 44 x 155 units, on the origin. */
export function floorLamp(dice: Dice): Sketch {
  const sketch = new Sketch()
  sketch.shadow(1, -1, 18, 3, 0.25)
  sketch.ellipse(0, -2, 14, 3, '#35383d').rect(-1.6, -125, 3.2, 124, '#4a4e54')
  const cloth = hsl(dice.range(20, 55), 0.4, 0.78)
  sketch.polygon(
    [
      [-13, -155],
      [13, -155],
      [22, -118],
      [-22, -118],
    ],
    sketch.gradient(shade(cloth, 0.2), shade(cloth, -0.15)),
  )
  return sketch
}

/** A flat rug seen from its long side, about 220 x 40 units around the origin. */
export function rug(dice: Dice): Sketch {
  const sketch = new Sketch()
  const cloth = hsl(dice.range(0, 360), dice.range(0.15, 0.4), dice.range(0.4, 0.65))
  const slab = (w: number, h: number, fill: string) =>
    sketch.polygon(
      [
        [-w * 0.86, -h],
        [w * 0.86, -h],
        [w, h],
        [-w, h],
      ],
      fill,
    )
  slab(112, 21, cloth)
  slab(100, 16.5, shade(cloth, 0.25))
  return slab(92, 13.5, shade(cloth, -0.12))
}

/** A low cabinet, about 170 x 48 units, on the origin. */
export function cabinet(dice: Dice): Sketch {
  const sketch = new Sketch()
  const wood = dice.pick(['#8a5f3a', '#e4dfd3', '#5d4a3f', '#c2a27a'] as const)
  sketch.shadow(0, -1, 92, 6, 0.25)
  sketch.rect(-85, -48, 170, 44, sketch.gradient(shade(wood, 0.12), shade(wood, -0.15)), 2)
  for (let i = 0; i < 3; i += 1) {
    sketch.rect(-81 + i * 55, -43, 52, 34, shade(wood, 0.06), 1)
    sketch.ellipse(-55 + i * 55, -27, 2, 2, shade(wood, -0.5))
  }
  for (const x of [-80, 74]) sketch.rect(x, -5, 6, 5, '#2d2620')
  return sketch
}

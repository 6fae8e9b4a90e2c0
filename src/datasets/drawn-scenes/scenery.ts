import { hsl, mix, shade } from './colour'
import type { Dice } from './dice'
import type { Light } from './light'
import { Sketch, type Point } from './sketch'

/** Sky, sun or moon, and clouds, down to `horizon`. Units are pixels. */
export function sky(
  sketch: Sketch,
  dice: Dice,
  light: Light,
  width: number,
  horizon: number,
): void {
  sketch.rect(0, 0, width, horizon + 2, sketch.gradient(...light.sky))
  const night = light.name === 'night'
  if (light.name !== 'overcast') {
    const [x, y] = [dice.range(60, width - 60), dice.range(30, horizon * 0.5)]
    const disc = night ? '#e8ebf2' : '#fff6da'
    sketch.ellipse(x, y, 44, 44, disc, { opacity: 0.14 }).ellipse(x, y, 19, 19, disc)
  }
  const cloud = night ? '#2b3656' : mix(light.sky[1], '#ffffff', 0.6)
  for (let i = dice.int(2, 5); i > 0; i -= 1) {
    const [x, y] = [dice.range(-40, width), dice.range(15, horizon * 0.6)]
    const w = dice.range(50, 120)
    for (let puff = 0; puff < 4; puff += 1) {
      const rise = puff === 1 || puff === 2 ? 9 : 0
      const style = { opacity: 0.55 }
      sketch.ellipse(x + (puff * w) / 4, y - rise, w / 4.2, 10 + rise * 0.7, cloud, style)
    }
  }
}

/** A row of house fronts standing on `ground`, hazier the further `distance` (0..1). */
export function houses(
  sketch: Sketch,
  dice: Dice,
  light: Light,
  place: { width: number; ground: number; height: number; distance: number },
): void {
  let x = dice.range(-60, 0)
  while (x < place.width) {
    const w = dice.range(70, 150)
    const h = place.height * dice.range(0.55, 1)
    const wall = hsl(dice.range(5, 60), dice.range(0.08, 0.38), dice.range(0.42, 0.75))
    const colour = mix(wall, light.haze, place.distance)
    const top = place.ground - h
    sketch.rect(x, top, w, h, sketch.gradient(shade(colour, 0.06), shade(colour, -0.1)))
    if (dice.chance(0.4)) {
      const roof: Point[] = [
        [x - 4, top],
        [x + w / 2, top - w * 0.28],
        [x + w + 4, top],
      ]
      sketch.polygon(roof, mix('#7d4a3a', light.haze, place.distance))
    } else {
      sketch.rect(x - 3, top - 5, w + 6, 7, shade(colour, -0.2))
    }
    windows(sketch, dice, light, { x, top, w, h: place.ground - top, distance: place.distance })
    x += w + dice.range(0, 8)
  }
}

function windows(
  sketch: Sketch,
  dice: Dice,
  light: Light,
  house: { x: number; top: number; w: number; h: number; distance: number },
): void {
  const columns = Math.max(2, Math.round(house.w / 30))
  const step = house.w / columns
  const shopHeight = house.distance < 0.3 ? 42 : 0
  const rows = Math.floor((house.h - 12 - shopHeight) / 34)
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const lit = light.name === 'night' ? dice.chance(0.45) : dice.chance(0.05)
      const glass = lit ? '#f3d58b' : light.name === 'night' ? '#1d2740' : '#6d8496'
      const [x, y] = [house.x + step * (column + 0.25), house.top + 12 + row * 34]
      sketch.rect(x - 1.5, y - 1.5, step * 0.5 + 3, 23, mix('#f0ece2', light.haze, house.distance))
      sketch.rect(x, y, step * 0.5, 20, mix(glass, light.haze, lit ? 0 : house.distance * 0.8))
      sketch.rect(x + step * 0.25 - 0.6, y, 1.2, 20, mix('#d9d4c8', light.haze, house.distance))
    }
  }
  if (shopHeight === 0) return
  const base = house.top + house.h - shopHeight + 8
  const awning = hsl(dice.range(0, 360), 0.4, 0.42)
  sketch.rect(house.x + 8, base, house.w * 0.56, 32, mix('#41525f', light.haze, house.distance))
  sketch.rect(
    house.x + house.w * 0.72,
    base + 2,
    house.w * 0.18,
    34,
    mix('#5b4231', light.haze, 0.1),
  )
  const stripes = 8
  for (let i = 0; i < stripes; i += 1) {
    const w = (house.w * 0.62) / stripes
    sketch.rect(house.x + 4 + i * w, base - 6, w, 11, i % 2 === 0 ? awning : '#ebe5d8', 1)
  }
}

/** A leafy tree, about 260 x 420 units, on the origin. */
export function tree(dice: Dice): Sketch {
  const sketch = new Sketch()
  const hue = dice.chance(0.15) ? dice.range(20, 45) : dice.range(75, 135)
  const saturation = dice.range(0.22, 0.42)
  sketch.shadow(10, -2, 90, 12, 0.25)
  sketch.polygon(
    [
      [-14, 0],
      [-8, -190],
      [8, -190],
      [16, 0],
    ],
    sketch.gradient('#5e4632', '#3d2d20', true),
  )
  sketch.ellipse(0, -285, 76, 80, hsl(hue, saturation, 0.27))
  const puffs = dice.int(9, 14)
  for (let i = 0; i < puffs; i += 1) {
    const angle = (i / puffs) * 2 * Math.PI
    const [x, y] = [72 * Math.cos(angle), -285 + 80 * Math.sin(angle)]
    const lightness = 0.3 - 0.07 * Math.sin(angle) + dice.range(-0.04, 0.04)
    sketch.ellipse(x, y, dice.range(48, 66), dice.range(42, 60), hsl(hue, saturation, lightness))
  }
  for (let i = 0; i < 26; i += 1) {
    const [x, y] = [dice.range(-95, 95), dice.range(-375, -215)]
    const lightness = 0.36 + dice.range(-0.08, 0.1)
    sketch.ellipse(x, y, dice.range(9, 22), dice.range(8, 17), hsl(hue, saturation, lightness))
  }
  return sketch
}

/** A street lamp, about 70 x 460 units, on the origin. */
export function streetLamp(light: Light): Sketch {
  const sketch = new Sketch()
  const lit = light.name === 'night' || light.name === 'evening'
  sketch.shadow(2, -1, 20, 4, 0.25)
  sketch.rect(-5, -440, 10, 440, sketch.gradient('#5b626a', '#31363c', true), 3)
  sketch.line(
    [
      [0, -440],
      [10, -455],
      [46, -458],
    ],
    '#454b52',
    7,
  )
  return sketch.rect(38, -460, 34, 10, lit ? '#ffe9ae' : '#d6d8d4', 4)
}

/** Grass blades, pebbles or cracks: short strokes scattered over a band of ground. Units are pixels. */
export function speckle(
  sketch: Sketch,
  dice: Dice,
  band: { top: number; bottom: number; width: number; count: number; colour: string; tall: number },
): void {
  for (let i = 0; i < band.count; i += 1) {
    const depth = Math.sqrt(dice.next())
    const y = band.top + (band.bottom - band.top) * depth
    const x = dice.range(0, band.width)
    const size = (0.4 + depth) * band.tall
    const lean = dice.range(-0.5, 0.5) * size
    const across = band.tall < 2 ? 3 * size : 0
    sketch.line(
      [
        [x, y],
        [x + lean + across, y - (across > 0 ? 0 : size)],
      ],
      shade(band.colour, dice.range(-0.18, 0.18)),
      0.9 + depth * 0.6,
    )
  }
}

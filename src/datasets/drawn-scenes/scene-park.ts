import { bird, cat, dog } from './animals'
import type { Canvas } from './canvas'
import { hsl, mix, shade } from './colour'
import { ball } from './devices'
import type { Dice } from './dice'
import { bench } from './furniture'
import { applyLight, pickLight } from './light'
import { person } from './people'
import { houses, sky, speckle, streetLamp, tree } from './scenery'
import type { Sketch, Point } from './sketch'
import { bicycle } from './vehicles'

/** A lawn with a path: people, dogs, a ball, benches, birds. */
export function drawPark(canvas: Canvas, dice: Dice): void {
  const light = pickLight(dice)
  const horizon = dice.range(165, 225)
  const cameraHeight = dice.range(190, 270)
  const { width, height } = canvas
  canvas.backdrop((sketch) => {
    sky(sketch, dice, light, width, horizon)
    if (dice.chance(0.5)) {
      houses(sketch, dice, light, { width, ground: horizon + 4, height: 90, distance: 0.7 })
    }
    lawn(sketch, dice, light.haze, width, height, horizon)
  })
  const things: { y: number; draw: () => void }[] = []
  const add = (
    low: number,
    high: number,
    label: string | undefined,
    make: () => Sketch,
    x?: number,
  ) => {
    const y = horizon + dice.range(low, high)
    const scale = (y - horizon) / cameraHeight
    const draw = () => {
      const place = { x: x ?? dice.range(15, width - 15), y, scale, flip: dice.chance(0.5) }
      canvas.add(make(), label === undefined ? place : { ...place, label })
    }
    things.push({ y, draw })
  }
  const times = (low: number, high: number, act: () => void) => {
    for (let i = dice.int(low, high); i > 0; i -= 1) act()
  }
  times(3, 7, () => {
    add(18, 100, undefined, () => tree(dice))
  })
  times(1, 5, () => {
    add(45, 250, 'person', () => person(dice, dice.pick(['walk', 'stand', 'wave'] as const)))
  })
  times(0, 2, () => {
    add(90, 230, 'dog', () => dog(dice))
  })
  times(0, 1, () => {
    add(140, 240, 'cat', () => cat(dice))
  })
  times(0, 2, () => {
    add(110, 250, 'sports ball', () => ball(dice))
  })
  times(0, 4, () => {
    add(120, 260, 'bird', () => bird(dice))
  })
  times(0, 2, () => {
    add(80, 200, 'bicycle', () => bicycle(dice))
  })
  times(0, 1, () => {
    add(60, 170, undefined, () => streetLamp(light))
  })
  if (dice.chance(0.7)) {
    const y = dice.range(70, 180)
    const x = dice.range(90, width - 90)
    add(y, y, 'bench', () => bench(dice), x)
    if (dice.chance(0.6)) {
      const seat = x + dice.range(-25, 25) * (y / cameraHeight)
      add(y + 0.1, y + 0.1, 'person', () => person(dice, 'sit'), seat)
    }
  }
  things.sort((a, b) => a.y - b.y)
  for (const { draw } of things) draw()
  applyLight(canvas, light)
}

function lawn(
  sketch: Sketch,
  dice: Dice,
  haze: string,
  width: number,
  height: number,
  horizon: number,
): void {
  const grass = hsl(dice.range(75, 115), dice.range(0.22, 0.42), dice.range(0.34, 0.48))
  for (const [rise, blend] of [
    [34, 0.7],
    [18, 0.45],
  ] as const) {
    const hill: Point[] = [[-20, horizon + 6]]
    for (let x = 0; x <= width; x += 80) hill.push([x, horizon - rise * dice.next()])
    hill.push([width + 20, horizon + 6])
    sketch.blob(hill, mix(shade(grass, -0.2), haze, blend))
  }
  const turf = sketch.gradient(mix(shade(grass, 0.1), haze, 0.25), shade(grass, -0.15))
  sketch.rect(0, horizon, width, height - horizon, turf)
  const far = dice.range(120, 520)
  const near = dice.range(100, 540)
  const sand = dice.pick(['#c9b692', '#b8b0a2', '#a89a86'] as const)
  sketch.polygon(
    [
      [far - 5, horizon + 2],
      [far + 5, horizon + 2],
      [(far + near) / 2 + 55, horizon + 100],
      [near + 130, height],
      [near - 130, height],
      [(far + near) / 2 - 20, horizon + 100],
    ],
    sketch.gradient(mix(sand, haze, 0.3), shade(sand, -0.1)),
  )
  const band = { top: horizon + 8, bottom: height, width }
  speckle(sketch, dice, { ...band, count: 420, colour: shade(grass, -0.1), tall: 7 })
  const petals = dice.pick(['#f2e6a0', '#f4f1ea', '#d9a0b8'] as const)
  for (let i = 0; i < 30; i += 1) {
    const depth = dice.next()
    const r = 0.8 + 1.4 * depth
    const [x, y] = [dice.range(0, width), horizon + 20 + (height - horizon - 20) * depth]
    sketch.ellipse(x, y, r, r, petals)
  }
}

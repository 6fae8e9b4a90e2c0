import { dog, bird } from './animals'
import type { Canvas } from './canvas'
import { shade } from './colour'
import type { Dice } from './dice'
import { bench } from './furniture'
import { applyLight, pickLight, type Light } from './light'
import { person } from './people'
import { houses, sky, speckle, streetLamp, tree } from './scenery'
import { fireHydrant, signPole, stopPlate, trafficLight } from './signals'
import type { Sketch } from './sketch'
import { bicycle, bus, carFront, carSide } from './vehicles'

/** Something that stands on the ground at height `y` of the picture: the lower, the nearer. */
interface Standing {
  readonly y: number
  readonly draw: (y: number, scale: number) => void
}

/** A street seen from the pavement: houses, two lanes, passers-by, signs. */
export function drawStreet(canvas: Canvas, dice: Dice): void {
  const light = pickLight(dice)
  const horizon = dice.range(185, 235)
  const cameraHeight = dice.range(215, 300)
  canvas.backdrop((sketch) => {
    street(sketch, dice, light, canvas.width, canvas.height, horizon)
  })
  const things: Standing[] = []
  const stand = (y: number, label: string | undefined, make: () => Sketch, x?: number) => {
    things.push({
      y,
      draw: (ground, scale) => {
        const flip = dice.chance(0.5)
        const place = { x: x ?? dice.range(20, canvas.width - 20), y: ground, scale, flip }
        canvas.add(make(), label === undefined ? place : { ...place, label })
      },
    })
  }
  const at = (low: number, high: number) => horizon + dice.range(low, high)
  for (let i = dice.int(1, 4); i > 0; i -= 1) stand(at(50, 66), undefined, () => tree(dice))
  for (let i = dice.int(0, 3); i > 0; i -= 1) {
    stand(at(52, 68), 'person', () => person(dice, dice.pick(['walk', 'stand'] as const)))
  }
  if (dice.chance(0.35)) stand(at(90, 104), 'bus', () => bus(dice), dice.range(60, 580))
  for (const lane of [96, 142]) {
    let x = dice.range(-80, 220)
    while (x < 640) {
      if (dice.chance(0.55))
        stand(horizon + lane + dice.range(-4, 4), 'car', () => carSide(dice), x)
      x += dice.range(150, 330)
    }
  }
  if (dice.chance(0.3)) stand(at(160, 185), 'car', () => carFront(dice))
  for (let i = dice.int(0, 2); i > 0; i -= 1) stand(at(150, 225), 'bicycle', () => bicycle(dice))
  for (let i = dice.int(1, 4); i > 0; i -= 1) {
    stand(at(195, 262), 'person', () =>
      person(dice, dice.pick(['walk', 'walk', 'stand', 'wave'] as const)),
    )
  }
  if (dice.chance(0.25)) stand(at(200, 240), 'dog', () => dog(dice))
  if (dice.chance(0.25)) stand(at(195, 230), 'fire hydrant', () => fireHydrant(dice))
  if (dice.chance(0.15)) stand(at(190, 205), 'bench', () => bench(dice))
  if (dice.chance(0.4)) stand(at(188, 200), undefined, () => streetLamp(light))
  for (let i = dice.int(0, 3); i > 0; i -= 1) stand(at(190, 265), 'bird', () => bird(dice))
  if (dice.chance(0.7)) things.push(sign(canvas, dice, at(190, 250), 'stop sign'))
  if (dice.chance(0.6)) things.push(sign(canvas, dice, at(75, 215), 'traffic light'))
  if (dice.chance(0.3)) things.push(sign(canvas, dice, at(70, 80), 'traffic light'))
  things.sort((a, b) => a.y - b.y)
  for (const { y, draw } of things) draw(y, (y - horizon) / cameraHeight)
  applyLight(canvas, light)
}

/** A plate or a signal head on a pole; the pole is scenery, as in the labels of COCO. */
function sign(
  canvas: Canvas,
  dice: Dice,
  y: number,
  label: 'stop sign' | 'traffic light',
): Standing {
  return {
    y,
    draw: (ground, scale) => {
      const x = dice.range(40, canvas.width - 40)
      const height = label === 'stop sign' ? dice.range(205, 245) : dice.range(255, 310)
      canvas.add(signPole(height), { x, y: ground, scale })
      const head = label === 'stop sign' ? stopPlate(dice) : trafficLight(dice)
      canvas.add(head, { x, y: ground - height * scale, scale, label })
    },
  }
}

function street(
  sketch: Sketch,
  dice: Dice,
  light: Light,
  width: number,
  height: number,
  horizon: number,
): void {
  sky(sketch, dice, light, width, horizon)
  houses(sketch, dice, light, { width, ground: horizon + 12, height: 150, distance: 0.6 })
  houses(sketch, dice, light, { width, ground: horizon + 46, height: 190, distance: 0.12 })
  const paving = dice.pick(['#a9a59c', '#b7aea0', '#999a9c'] as const)
  const asphalt = dice.pick(['#55585d', '#4a4d52', '#63625f'] as const)
  sketch.rect(0, horizon + 44, width, 28, sketch.gradient(shade(paving, -0.15), paving))
  sketch.rect(0, horizon + 71, width, 4, shade(paving, -0.4))
  const road = sketch.gradient(shade(asphalt, 0.12), shade(asphalt, -0.1))
  sketch.rect(0, horizon + 74, width, 108, road)
  const dash = dice.range(0, 60)
  for (let x = -dash; x < width; x += 96) {
    sketch.polygon(
      [
        [x + 4, horizon + 116],
        [x + 52, horizon + 116],
        [x + 50, horizon + 121],
        [x, horizon + 121],
      ],
      '#d8d5c8',
    )
  }
  speckle(sketch, dice, {
    top: horizon + 78,
    bottom: horizon + 178,
    width,
    count: 130,
    colour: asphalt,
    tall: 1.2,
  })
  sketch.rect(0, horizon + 181, width, 7, shade(paving, -0.45))
  const near = horizon + 187
  sketch.rect(0, near, width, height - near, sketch.gradient(paving, shade(paving, -0.12)))
  for (let i = -14; i <= 14; i += 1) {
    const x = width / 2 + i * 52
    sketch.line(
      [
        [x, near],
        [width / 2 + i * 86, height],
      ],
      shade(paving, -0.16),
      1.1,
    )
  }
  for (let y = near + 12, step = 18; y < height; y += step, step *= 1.35) {
    sketch.line(
      [
        [0, y],
        [width, y],
      ],
      shade(paving, -0.16),
      1.1,
    )
  }
}

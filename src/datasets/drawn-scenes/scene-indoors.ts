import { cat, dog } from './animals'
import type { Canvas, Placement } from './canvas'
import { shade } from './colour'
import { ball, bookFlat, bookUpright, laptop, television } from './devices'
import type { Dice } from './dice'
import { chair, clock, couch, pottedPlant } from './furniture'
import { cabinet, floorBoards, floorLamp, pictureFrame, rug, wall, windowFrame } from './interior'
import { applyLight, pickLight } from './light'
import { person } from './people'
import { Sketch } from './sketch'
import { bottle, bowls, cup, vase } from './tableware'

const WOOD = ['#8a5f3a', '#b98c5c', '#5d4030', '#e3dccd', '#6f4e37', '#c7c3bb'] as const

/** Stands `items` side by side on a board at `y`, from `left` until `right` is reached. */
function fillBoard(
  canvas: Canvas,
  dice: Dice,
  { left, right, y, scale }: { left: number; right: number; y: number; scale: number },
): void {
  let x = left
  const stand = (sketch: Sketch, width: number, label?: string, size = scale, rise = 0) => {
    const flip = dice.chance(0.5)
    const place: Placement = { x: x + (width * size) / 2, y: y - rise * size, scale: size, flip }
    canvas.add(sketch, label === undefined ? place : { ...place, label })
    x += width * size
  }
  while (x < right - 20 * scale) {
    const kind = dice.int(0, 9)
    if (kind <= 3) {
      const height = dice.range(17, 24)
      for (let i = dice.int(3, 8); i > 0 && x < right - 5 * scale; i -= 1) {
        const width = dice.range(2.2, 4.6)
        stand(bookUpright(dice, height * dice.range(0.85, 1.05), width), width, 'book')
      }
    } else if (kind === 4) stand(vase(dice), 15, 'vase', scale * 0.72)
    else if (kind === 5) stand(bottle(dice), 10, 'bottle', scale * 0.9)
    else if (kind === 6) for (let i = dice.int(1, 3); i > 0; i -= 1) stand(cup(dice), 14, 'cup')
    else if (kind === 7) stand(pottedPlant(dice), 50, 'potted plant', scale * 0.33)
    else if (kind === 8) stand(bowls(dice), 17)
    else stand(clock(dice), 32, 'clock', scale * 0.55, 15)
    x += dice.range(1, 7) * scale
  }
}

/** A wall with boards full of books, cups, bottles, vases and plants. */
export function drawShelf(canvas: Canvas, dice: Dice): void {
  const light = pickLight(dice)
  const { width, height } = canvas
  canvas.backdrop((sketch) => wall(sketch, dice, width, height))
  const boards = dice.int(2, 3)
  const wood = dice.pick(WOOD)
  const scale = (boards === 2 ? 6.2 : 4.7) * dice.range(0.9, 1.1)
  const margin = dice.range(10, 70)
  const closed = dice.chance(0.5)
  const first = boards === 2 ? 215 : 150
  const step = (height - 40 - first) / (boards - 1)
  if (closed) {
    const back = new Sketch()
    back.rect(margin - 8, first - step + 8, width - 2 * margin + 16, height, shade(wood, -0.35))
    canvas.add(back, { x: 0, y: 0, scale: 1 })
  }
  for (let i = 0; i < boards; i += 1) {
    const y = first + i * step
    const board = new Sketch()
    board.rect(
      margin - 12,
      0,
      width - 2 * margin + 24,
      11,
      board.gradient(shade(wood, 0.15), shade(wood, -0.2)),
      2,
    )
    board.rect(margin - 12, 11, width - 2 * margin + 24, 5, '#000000', 0, { opacity: 0.16 })
    canvas.add(board, { x: 0, y, scale: 1 })
    fillBoard(canvas, dice, { left: margin, right: width - margin, y: y + 1, scale })
  }
  if (!closed && dice.chance(0.6)) {
    const place = { x: dice.range(80, width - 80), y: 45, scale: dice.range(1.7, 2.6) }
    canvas.add(clock(dice), { ...place, label: 'clock' })
  }
  if (dice.chance(0.25)) {
    const place = { x: dice.range(120, width - 120), y: first + step * (boards - 1) + 1 }
    canvas.add(cat(dice), { ...place, scale: scale * 0.42, label: 'cat' })
  }
  applyLight(canvas, light)
}

/** A desk close up: laptop, mug, bottle, books, a plant. */
export function drawDesk(canvas: Canvas, dice: Dice): void {
  const light = pickLight(dice)
  const { width, height } = canvas
  const edge = dice.range(270, 330)
  canvas.backdrop((sketch) => {
    wall(sketch, dice, width, edge + 10)
  })
  const scale = dice.range(6.2, 8.6)
  if (dice.chance(0.6))
    canvas.add(windowFrame(dice, light), { x: dice.range(20, 420), y: 25, scale: 1.5 })
  for (let i = dice.int(0, 2); i > 0; i -= 1) {
    const place = { x: dice.range(50, 590), y: dice.range(50, 130), scale: dice.range(1.3, 2.2) }
    canvas.add(pictureFrame(dice), place)
  }
  if (dice.chance(0.55)) {
    const place = { x: dice.range(60, 580), y: dice.range(55, 100), scale: dice.range(2, 3) }
    canvas.add(clock(dice), { ...place, label: 'clock' })
  }
  const wood = dice.pick(WOOD)
  canvas.backdrop((sketch) => {
    sketch.rect(
      0,
      edge,
      width,
      height - edge,
      sketch.gradient(shade(wood, 0.2), shade(wood, -0.12)),
    )
    for (let y = edge + 14, step = 16; y < height; y += step, step *= 1.25) {
      sketch.rect(0, y, width, 1.3, shade(wood, -0.12))
    }
  })
  const items: { y: number; x: number; label: string; make: () => Sketch; size: number }[] = []
  const slots = dice.shuffle([70, 170, 285, 390, 490, 585])
  const put = (label: string, make: () => Sketch, size = 1) => {
    const x = slots.pop()
    if (x === undefined) return
    items.push({
      x: x + dice.range(-22, 22),
      y: dice.range(edge + 18, height - 25),
      label,
      make,
      size,
    })
  }
  if (dice.chance(0.8)) {
    items.push({
      x: dice.range(200, 440),
      y: dice.range(edge + 40, edge + 100),
      label: 'laptop',
      make: () => laptop(dice),
      size: 1,
    })
  } else put('tv', () => television(dice), 0.5)
  for (let i = dice.int(1, 2); i > 0; i -= 1) put('cup', () => cup(dice))
  if (dice.chance(0.6)) put('bottle', () => bottle(dice))
  if (dice.chance(0.5)) put('potted plant', () => pottedPlant(dice), 0.4)
  if (dice.chance(0.3)) put('vase', () => vase(dice), 0.8)
  if (dice.chance(0.2)) put('cat', () => cat(dice), 0.55)
  if (dice.chance(0.15)) put('sports ball', () => ball(dice), 0.6)
  const pile = dice.chance(0.75) ? slots.pop() : undefined
  const near = (y: number) => 0.8 + (0.35 * (y - edge)) / (height - edge)
  items.sort((a, b) => a.y - b.y)
  for (const { x, y, label, make, size } of items) {
    canvas.add(make(), { x, y, scale: scale * size * near(y), flip: dice.chance(0.5), label })
  }
  if (pile !== undefined) {
    let y = dice.range(edge + 60, height - 15)
    for (let i = dice.int(1, 4); i > 0; i -= 1) {
      const place = { x: pile + dice.range(-12, 12), y, scale, flip: dice.chance(0.5) }
      canvas.add(bookFlat(dice), { ...place, label: 'book' })
      y -= 3 * scale
    }
  }
  applyLight(canvas, light)
}

/** A living room: sofa, television, chairs, plants, people and pets. */
export function drawRoom(canvas: Canvas, dice: Dice): void {
  const light = pickLight(dice)
  const { width, height } = canvas
  const floor = dice.range(285, 330)
  canvas.backdrop((sketch) => {
    wall(sketch, dice, width, floor)
    floorBoards(sketch, dice, { width, top: floor, bottom: height })
  })
  const scale = dice.range(1.45, 1.9)
  if (dice.chance(0.75))
    canvas.add(windowFrame(dice, light), { x: dice.range(20, 480), y: 40, scale: 1.15 })
  for (let i = dice.int(1, 3); i > 0; i -= 1) {
    const place = { x: dice.range(40, 600), y: dice.range(50, 120), scale: dice.range(0.9, 1.6) }
    canvas.add(pictureFrame(dice), place)
  }
  if (dice.chance(0.6)) {
    const place = { x: dice.range(50, 590), y: dice.range(45, 90), scale: dice.range(1, 1.7) }
    canvas.add(clock(dice), { ...place, label: 'clock' })
  }
  const back = floor + 14
  const left = dice.chance(0.5)
  const couchX = left ? dice.range(130, 230) : dice.range(410, 510)
  const otherX = left ? dice.range(450, 520) : dice.range(120, 190)
  if (dice.chance(0.7)) {
    canvas.add(couch(dice), { x: couchX, y: back + 16, scale, label: 'couch' })
    if (dice.chance(0.5)) {
      const seat = { x: couchX + dice.range(-50, 40) * scale, y: back + 20, scale }
      canvas.add(person(dice, 'sit'), { ...seat, flip: dice.chance(0.5), label: 'person' })
    }
  }
  canvas.add(cabinet(dice), { x: otherX, y: back, scale: scale * 0.9 })
  const top = back - 47 * scale * 0.9
  if (dice.chance(0.75)) {
    canvas.add(television(dice), {
      x: otherX,
      y: top,
      scale: scale * dice.range(0.8, 1.05),
      label: 'tv',
    })
  } else {
    fillBoard(canvas, dice, {
      left: otherX - 70 * scale,
      right: otherX + 80 * scale,
      y: top,
      scale: scale * 1.5,
    })
  }
  canvas.add(rug(dice), { x: dice.range(240, 400), y: floor + 85, scale: scale * 0.9 })
  const things: { y: number; draw: (size: number) => void }[] = []
  const add = (label: string | undefined, make: () => Sketch, size = 1) => {
    const y = dice.range(floor + 30, height - 10)
    const x = dice.range(30, width - 30)
    const draw = (near: number) => {
      const place = { x, y, scale: scale * near * size, flip: dice.chance(0.5) }
      canvas.add(make(), label === undefined ? place : { ...place, label })
    }
    things.push({ y, draw })
  }
  for (let i = dice.int(0, 2); i > 0; i -= 1) add('chair', () => chair(dice))
  for (let i = dice.int(0, 2); i > 0; i -= 1) add('potted plant', () => pottedPlant(dice))
  if (dice.chance(0.55))
    add('person', () => person(dice, dice.pick(['stand', 'walk', 'wave'] as const)))
  if (dice.chance(0.35)) add('dog', () => dog(dice))
  if (dice.chance(0.35)) add('cat', () => cat(dice))
  if (dice.chance(0.3)) add('sports ball', () => ball(dice))
  if (dice.chance(0.4)) add(undefined, () => floorLamp(dice))
  things.sort((a, b) => a.y - b.y)
  for (const { y, draw } of things) draw(0.9 + (0.5 * (y - floor)) / (height - floor))
  applyLight(canvas, light)
}

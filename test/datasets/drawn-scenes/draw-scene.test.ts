import { describe, expect, test } from 'vitest'
import { drawScene } from '../../../src/datasets/drawn-scenes'

const LABELS = (
  'person,bicycle,car,bus,traffic light,fire hydrant,stop sign,bench,bird,cat,dog,sports ball,bottle,cup,' +
  'chair,couch,potted plant,tv,laptop,book,clock,vase'
).split(',')

const scenes = Array.from({ length: 200 }, (_, seed) => drawScene(seed))

/** Names of elements left open, after a walk over every tag; throws where one closes that is not open. */
function openElements(svg: string): string[] {
  const open: string[] = []
  for (const [, slash, name, , empty] of svg.matchAll(
    /<(\/?)([A-Za-z]+)((?:\s+[A-Za-z0-9:-]+="[^"<>]*")*)\s*(\/?)>/g,
  )) {
    if (slash === '/') {
      expect(open.pop()).toBe(name)
    } else if (empty !== '/') open.push(name!)
  }
  return open
}

describe('drawScene', () => {
  test('draws the same scene for the same seed, and another for another', () => {
    for (const seed of [0, 1, 7, 123_456, Number.MAX_SAFE_INTEGER]) {
      expect(drawScene(seed)).toEqual(drawScene(seed))
    }
    expect(new Set(scenes.map(({ svg }) => svg)).size).toBe(scenes.length)
  })

  test('keeps boxes inside the picture, with sides of eight pixels or more', () => {
    for (const { objects, width, height, name } of scenes) {
      for (const { box, label } of objects) {
        const [x1, y1, x2, y2] = box
        const inside = x1 >= 0 && y1 >= 0 && x2 <= width && y2 <= height
        expect(inside && x2 - x1 >= 8 && y2 - y1 >= 8, `${name} ${label} ${box.join(' ')}`).toBe(
          true,
        )
      }
    }
  })

  test('shows every class, and no other, over 200 seeds', () => {
    const seen = new Set(scenes.flatMap(({ objects }) => objects.map(({ label }) => label)))
    expect([...seen].sort()).toEqual([...LABELS].sort())
  })

  test('puts something to find into nearly every scene', () => {
    expect(scenes.filter(({ objects }) => objects.length >= 3).length).toBeGreaterThan(190)
  })

  test('is well-formed SVG: tags close in order, no number is missing, every text outside tags is empty', () => {
    for (const { svg } of scenes) {
      expect(openElements(svg)).toEqual([])
      expect(svg.replaceAll(/<[^<>]*>/g, '')).toBe('')
      expect(svg).not.toMatch(/NaN|Infinity|undefined|~/)
    }
  })

  test('uses no fonts, scripts or anything outside itself', () => {
    for (const { svg } of scenes) {
      expect(svg).not.toMatch(/<(text|tspan|image|use|script|style|foreignObject)\b/)
      expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|file:|data:|href/)
    }
  })

  test('defines every gradient that it names, once', () => {
    for (const { svg } of scenes) {
      const defined = [...svg.matchAll(/ id="([^"]+)"/g)].map((match) => match[1])
      const used = [...svg.matchAll(/url\(#([^)]+)\)/g)].map((match) => match[1])
      expect(new Set(defined).size).toBe(defined.length)
      expect(used.every((id) => defined.includes(id))).toBe(true)
    }
  })

  test('refuses a seed that is not a whole number from 0 on', () => {
    for (const seed of [-1, 0.5, NaN, Infinity]) {
      expect(() => drawScene(seed)).toThrow(`whole number from 0 on, not ${seed}`)
    }
  })
})

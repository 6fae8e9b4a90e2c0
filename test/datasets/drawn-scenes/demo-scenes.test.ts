import { describe, expect, test } from 'vitest'
import { demoScenes, drawScene } from '../../../src/datasets/drawn-scenes'

const shown = demoScenes()
const patched = shown.flatMap(({ scene, patch }) => (patch ? [{ scene, patch }] : []))

/** Width and height as the head of a PNG file says. */
function sizeOfPng(png: string): [number, number] {
  const bytes = Buffer.from(png, 'base64')
  expect(bytes.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a')
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
}

describe('demoScenes', () => {
  test('is a dozen different scenes, some clean', () => {
    expect(new Set(shown.map(({ scene }) => scene.name)).size).toBe(12)
    expect(shown.length - patched.length).toBe(5)
  })

  test('shows no scene that the detector was trained on', () => {
    const training = new Set(['street', 'park', 'room', 'desk', 'shelf'])
    for (const { scene } of shown) {
      const [kind, seed] = scene.name.split('-')
      expect(training.has(kind!)).toBe(true)
      expect(Number(seed)).toBeLessThanOrEqual(24)
      expect(scene).toEqual(drawScene(Number(seed)))
    }
  })

  test('lays every patch wholly inside its scene, in its own size', () => {
    for (const { scene, patch } of patched) {
      expect(sizeOfPng(patch.png)).toEqual([patch.size, patch.size])
      expect(patch.x).toBeGreaterThanOrEqual(0)
      expect(patch.y).toBeGreaterThanOrEqual(0)
      expect(patch.x + patch.size).toBeLessThanOrEqual(scene.width)
      expect(patch.y + patch.size).toBeLessThanOrEqual(scene.height)
    }
  })

  test('gives every patched scene its own patch', () => {
    expect(new Set(patched.map(({ patch }) => patch.file)).size).toBe(7)
  })
})

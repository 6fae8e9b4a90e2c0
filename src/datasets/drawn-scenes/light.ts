import type { Canvas } from './canvas'
import type { Dice } from './dice'

/** The hour and the weather: colours of the sky and what the light does to everything below it. */
export interface Light {
  readonly name: 'noon' | 'morning' | 'overcast' | 'evening' | 'night'
  readonly sky: readonly [top: string, bottom: string]
  readonly haze: string
  readonly wash: string
  readonly strength: number
}

const LIGHTS: readonly [Light, ...Light[]] = [
  { name: 'noon', sky: ['#6fa9d8', '#d5e8f2'], haze: '#cfdfe8', wash: '#fff3d0', strength: 0.04 },
  { name: 'noon', sky: ['#4f93cf', '#b9dcef'], haze: '#c3d8e4', wash: '#ffffff', strength: 0.02 },
  { name: 'morning', sky: ['#9fb8d6', '#f3dcc6'], haze: '#e3d5c9', wash: '#ffdcb0', strength: 0.1 },
  {
    name: 'overcast',
    sky: ['#a9b3bb', '#d9dddf'],
    haze: '#c8cdd0',
    wash: '#8d98a3',
    strength: 0.14,
  },
  {
    name: 'evening',
    sky: ['#5d6fa3', '#f0b48a'],
    haze: '#d0a592',
    wash: '#e07a3a',
    strength: 0.16,
  },
  { name: 'night', sky: ['#141c33', '#3c4a6e'], haze: '#2c3754', wash: '#0f1838', strength: 0.34 },
]

export function pickLight(dice: Dice): Light {
  return dice.pick(LIGHTS)
}

/** Tints the finished picture. */
export function applyLight(canvas: Canvas, light: Light): void {
  canvas.wash(light.wash, light.strength)
}

export type { DrawnObject, DrawnScene } from './canvas'
export { demoScenes, type DemoScene, type PlacedPatch } from './demo-scenes'
export { drawScene } from './draw-scene'

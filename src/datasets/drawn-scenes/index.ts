export type { DrawnObject, DrawnScene } from './canvas'
export { drawScene } from './draw-scene'

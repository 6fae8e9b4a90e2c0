import type { Point } from './view'

/** A pointer on the canvas: where it is in the picture, and on the screen of the canvas. */
export interface CanvasPointer {
  readonly picture: Point
  readonly screen: Point
  readonly event: PointerEvent
}

/** What a tool does with the primary button. `down` answers whether it takes the drag; else the picture is panned. */
export interface CanvasTool {
  down(pointer: CanvasPointer): boolean
  move(pointer: CanvasPointer): void
  up(pointer: CanvasPointer): void
  /** Moves without a button. */
  hover(pointer: CanvasPointer): void
  leave(): void
  /** The button went up where it came down, and the tool had not taken it. */
  click?(pointer: CanvasPointer): void
}

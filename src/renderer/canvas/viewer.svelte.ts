import {
  clampView,
  centred,
  fitView,
  panBy,
  reveal,
  zoomAt,
  zoomTo,
  type Point,
  type Rect,
  type Size,
  type View,
} from './view'

/**
 * Zoom and place of the picture that Image and Annotate show: one for both, so that going back and forth never jumps.
 */
class Viewer {
  view: View = $state.raw({ scale: 1, x: 0, y: 0 })
  viewport: Size = $state.raw({ width: 0, height: 0 })
  picture: Size | null = $state.raw(null)
  /** Point of the picture under the pointer; null while it is elsewhere. */
  pointer: Point | null = $state.raw(null)
  loupe = $state(false)
  /** The picture is shown whole, and stays so when the window changes. */
  #isFitted = true
  #imageId: string | null = null

  /** Another picture is fitted; the same one, on another screen, stays where it is. */
  show(imageId: string, picture: Size): void {
    const isSame =
      imageId === this.#imageId &&
      this.picture?.width === picture.width &&
      this.picture.height === picture.height
    this.picture = picture
    this.#imageId = imageId
    if (!isSame) this.fit()
  }

  resize(viewport: Size): void {
    const before = this.viewport
    if (before.width === viewport.width && before.height === viewport.height) return
    this.viewport = viewport
    if (this.#isFitted || before.width === 0) this.fit()
    else {
      const [dx, dy] = [(viewport.width - before.width) / 2, (viewport.height - before.height) / 2]
      this.#set(panBy(this.view, dx, dy))
    }
  }

  get percent(): number {
    return Math.round(100 * this.view.scale)
  }

  get isFitted(): boolean {
    return this.#isFitted
  }

  fit(): void {
    if (!this.picture || this.viewport.width === 0) return
    this.view = fitView(this.picture, this.viewport)
    this.#isFitted = true
  }

  /** One pixel of the picture is one CSS pixel. */
  actualSize(at: Point = this.#middle): void {
    this.zoom(1, at)
  }

  /** Fits, or, if it is fitted, goes to 100 %. */
  toggleFit(at: Point): void {
    if (this.#isFitted) this.actualSize(at)
    else this.fit()
  }

  zoomBy(factor: number, at: Point = this.#middle): void {
    this.zoom(this.view.scale * factor, at)
  }

  zoom(scale: number, at: Point): void {
    if (!this.picture) return
    // A limit must not move the picture: the scale is limited before the point is held.
    const limited = clampView({ ...this.view, scale }, this.picture, this.viewport).scale
    this.#set(zoomAt(this.view, at, limited))
  }

  pan(dx: number, dy: number): void {
    this.#set(panBy(this.view, dx, dy))
  }

  reveal(box: Rect): void {
    const next = reveal(this.view, box, this.viewport)
    if (next.x !== this.view.x || next.y !== this.view.y) this.#set(next)
  }

  zoomTo(box: Rect): void {
    this.#set(zoomTo(box, this.viewport))
  }

  centre(scale: number): void {
    if (this.picture) this.#set(centred(this.picture, this.viewport, scale))
  }

  get #middle(): Point {
    return { x: this.viewport.width / 2, y: this.viewport.height / 2 }
  }

  #set(view: View): void {
    if (!this.picture) return
    this.view = clampView(view, this.picture, this.viewport)
    this.#isFitted = false
  }
}

export const viewer = new Viewer()

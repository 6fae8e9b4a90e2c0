import type { Rect } from '../../canvas/view'
import { viewer } from '../../canvas/viewer.svelte'
import type { FoundBox } from './answers'
import { scenes } from './scenes.svelte'

/** Which detection is chosen, on the canvas and in the list alike. */
class Selection {
  key: string | null = $state(null)
  /** Lit by the list: the others are dimmed. */
  lit: string | null = $state(null)
  /** Under the pointer on the canvas: its row is marked. */
  hovered: string | null = $state(null)

  /** Chooses a row; the picture moves only if its box lies outside. */
  select(key: string | null): void {
    this.key = key
    const box = this.#box()
    if (box) viewer.reveal(box)
  }

  step(by: 1 | -1): void {
    const { rows } = scenes
    if (rows.length === 0) return
    const at = rows.findIndex((row) => row.key === this.key)
    const next =
      rows[at < 0 ? (by === 1 ? 0 : rows.length - 1) : (at + by + rows.length) % rows.length]
    if (next) this.select(next.key)
  }

  zoomTo(): void {
    const box = this.#box()
    if (box) viewer.zoomTo(box)
  }

  clear(): void {
    this.key = null
    this.lit = null
    this.hovered = null
  }

  /** The chosen box, of B where B has it. */
  get found(): FoundBox | null {
    const row = scenes.rows.find(({ key }) => key === this.key)
    return row?.b ?? row?.a ?? null
  }

  #box(): Rect | null {
    if (!this.found) return null
    const [left, top, right, bottom] = this.found.box
    return { left, top, right, bottom }
  }
}

export const selection = new Selection()

import type { Output } from '../../../shared/api'
import { decodeRle, maskToPolygons, type Polygon, rleFromText } from '../../../shared/vision'
import { backend } from '../../api'
import { mapOf } from '../distinct'

type Comparison = Output<'image.compare'>
type Kind = Comparison['differences'][number]['kind']

export interface DrawnBox {
  readonly box: readonly [number, number, number, number]
  /** Names the line; the same signs as on the canvas. */
  readonly look: 'undefended' | 'defended' | Exclude<Kind, 'same'>
}

/** What is drawn over the two pictures of a card. */
export interface PairDrawing {
  readonly width: number
  readonly height: number
  readonly a: readonly DrawnBox[]
  readonly b: readonly DrawnBox[]
  /** Outlines of what the defense of B removed. */
  readonly removed: readonly Polygon[]
}

const kept = 240

/** Drawings of the pictures that A and B answer differently, made as their cards come into view. */
export class PairPictures {
  #drawings: ReadonlyMap<number, PairDrawing> = $state.raw(mapOf())
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing is drawn from it
  readonly #asked = new Set<number>()
  #controller = new AbortController()
  #pair = ''

  drawing(imageId: number): PairDrawing | undefined {
    return this.#drawings.get(imageId)
  }

  /** Asks for the cards that are mounted and not known yet. */
  async show(a: number, b: number, ids: readonly number[]): Promise<void> {
    this.#begin(`${a}/${b}`)
    const missing = ids.filter((id) => !this.#asked.has(id))
    if (missing.length === 0) return
    for (const id of missing) this.#asked.add(id)
    const { signal } = this.#controller
    const cards = await backend.call('images.cards', { ids: [...missing], a, b }, signal)
    if (!cards.ok) return
    await Promise.all(
      cards.value.cards.map(async ({ id, width, height }) => {
        const [compared, result] = await Promise.all([
          backend.call('image.compare', { id, a, b }, signal),
          backend.call('image.result', { id, run: b }, signal),
        ])
        if (!compared.ok || width === null || height === null) return
        const masks = result.ok ? (result.value.result?.masks ?? []) : []
        this.#keep(id, { width, height, removed: outlines(masks), ...boxes(compared.value) })
      }),
    )
  }

  #begin(pair: string): void {
    if (pair === this.#pair) return
    this.#pair = pair
    this.#controller.abort()
    this.#controller = new AbortController()
    this.#asked.clear()
    this.#drawings = mapOf()
  }

  /** The oldest go first: who scrolls back has them made again. */
  #keep(id: number, drawing: PairDrawing): void {
    const all = [...this.#drawings, [id, drawing] as const]
    for (const [old] of all.slice(0, Math.max(0, all.length - kept))) this.#asked.delete(old)
    this.#drawings = mapOf(all.slice(-kept))
  }
}

function boxes({ differences, a, b }: Comparison): Pick<PairDrawing, 'a' | 'b'> {
  const drawn: { a: DrawnBox[]; b: DrawnBox[] } = { a: [], b: [] }
  for (const { kind, a: inA, b: inB } of differences) {
    const before = inA === null ? undefined : a[inA]
    const after = inB === null ? undefined : b[inB]
    if (before) drawn.a.push({ box: before.box, look: kind === 'lost' ? 'lost' : 'undefended' })
    if (after) drawn.b.push({ box: after.box, look: kind === 'same' ? 'defended' : kind })
  }
  return drawn
}

type Mask = NonNullable<Output<'image.result'>['result']>['masks'][number]

/** Of the completed mask, or of the last one where a defense names its masks otherwise. */
function outlines(masks: readonly Mask[]): readonly Polygon[] {
  const mask = masks.find(({ name }) => name === 'completed') ?? masks.at(-1)
  if (!mask || mask.areaFraction === 0) return []
  return maskToPolygons(decodeRle(rleFromText(mask.rle.text, mask.rle)))
}

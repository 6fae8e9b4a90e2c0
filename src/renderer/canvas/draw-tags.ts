import { lineStyles, TAG_TEXT } from './line-styles'
import { DIMMED } from './marks-frame'
import { kindOf, type BoxLayer } from './scene'
import { placeTags, taggedBoxes, TAG_HEIGHT, type TagWish } from './tags'
import { screenRect, type Rect, type View } from './view'

const FONT = '500 11.5px "Inter Variable", Inter, system-ui, sans-serif'
const BOLD = '600 11.5px "Inter Variable", Inter, system-ui, sans-serif'

/** Which boxes are meant by the user, by their keys. */
export interface Named {
  /** Under the pointer or in focus: the others are dimmed. */
  readonly lit: string | null
  /** Has its tag in any crowd, dims nothing. */
  readonly selected: string | null
}

/** Draws the tags of boxes; remembers how wide texts are. */
export class TagPainter {
  readonly #widths = new Map<string, number>()

  /** `shown`: the boxes that are seen; `room`: the part of the picture that they are in, CSS pixels. */
  paint(
    context: CanvasRenderingContext2D,
    layer: BoxLayer,
    shown: readonly number[],
    { room, view, lit, selected }: Named & { readonly room: Rect; readonly view: View },
  ): void {
    if (room.right <= room.left || room.bottom - room.top < TAG_HEIGHT) return
    const wishes: TagWish[] = []
    const isNamed = (i: number): boolean => {
      const key = layer.items[i]?.key
      return key === lit || key === selected
    }
    for (const index of taggedBoxes(shown, layer.marks.scores, isNamed)) {
      const tag = layer.tags[index]
      const item = layer.items[index]
      if (!tag || !item || tag.text === '') continue
      const [left, top, right, bottom] = item.box
      wishes.push({
        index,
        box: screenRect(view, { left, top, right, bottom }),
        width: this.#tagWidth(context, tag),
        score: item.score ?? 1,
        isLit: item.key === lit || item.key === selected,
      })
    }
    context.textBaseline = 'middle'
    const hasLit = lit !== null && layer.items.some(({ key }) => key === lit)
    for (const { index, x, y, width } of placeTags(wishes, room)) {
      const [tag, item] = [layer.tags[index], layer.items[index]]
      if (!tag || !item) continue
      context.globalAlpha = (item.opacity ?? 1) * (hasLit && item.key !== lit ? DIMMED : 1)
      context.fillStyle = lineStyles[kindOf(layer, index)].colour
      context.beginPath()
      context.roundRect(x, y, width, TAG_HEIGHT, [3, 3, 0, 0])
      context.fill()
      const isCut = width < this.#tagWidth(context, tag)
      if (isCut) {
        context.save()
        context.clip()
      }
      context.fillStyle = TAG_TEXT
      context.font = FONT
      const middle = y + TAG_HEIGHT / 2 + 0.5
      context.fillText(tag.text, x + 5, middle)
      if (tag.score !== '') {
        context.font = BOLD
        context.fillText(tag.score, x + 9 + this.#width(context, tag.text, FONT), middle)
      }
      if (isCut) context.restore()
    }
    context.globalAlpha = 1
  }

  #tagWidth(context: CanvasRenderingContext2D, { text, score }: BoxLayer['tags'][number]): number {
    const scoreWidth = score === '' ? 0 : 4 + this.#width(context, score, BOLD)
    return this.#width(context, text, FONT) + scoreWidth + 10
  }

  #width(context: CanvasRenderingContext2D, text: string, font: string): number {
    const key = `${font} ${text}`
    const known = this.#widths.get(key)
    if (known !== undefined) return known
    context.font = font
    const { width } = context.measureText(text)
    this.#widths.set(key, width)
    return width
  }
}

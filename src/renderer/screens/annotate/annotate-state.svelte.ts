import type { Answer, ApiObject, ApiPatch, Input, Output } from '../../../shared/api'
import type { Mask } from '../../../shared/vision/mask'
import { backend } from '../../api'
import { maskMark, type MaskMark } from '../../canvas/draw-masks'
import { boxLayer, type BoxItem, type Scene } from '../../canvas/scene'
import type { Rect, Size } from '../../canvas/view'
import { viewer } from '../../canvas/viewer.svelte'
import { toasts } from '../../state/toasts.svelte'
import { annotateText } from '../../strings/annotate'
import { imageState } from '../image/image-state.svelte'
import type { EditView } from './draw-edit'
import { edits } from './edits.svelte'
import { proposing } from './proposing.svelte'
import { drawingOf, editShapeOf, pixelsOf, rectOf, xywhOf, type EditShape } from './shapes'
import type { ToolId } from './tools'

export interface Chosen {
  readonly kind: 'patch' | 'object'
  readonly id: number
}

export interface PatchEntry {
  readonly patch: ApiPatch
  /** From 1, in the order in which they were made. */
  readonly number: number
  readonly shape: EditShape
  readonly pixels: Mask
}

/** What is drawn on the picture by hand, and what is being drawn. */
class AnnotateState {
  tool: ToolId = $state('select')
  chosen: Chosen | null = $state.raw(null)
  /** A shape on its way: dragged, resized or painted. It stands in for the chosen one, if `replaces` says so. */
  draft: {
    readonly shape: EditShape
    readonly replaces: number | null
    readonly isObject: boolean
  } | null = $state.raw(null)
  /** Corners of an unfinished polygon, x, y, x, y …. */
  corners: readonly number[] = $state.raw([])
  /** In pixels of the picture. */
  brushRadius = $state(7)
  snaps = $state(true)
  hidden: ReadonlySet<number> = $state.raw(new Set())
  lastClass: string | null = $state(null)

  readonly frame: Size | null = $derived.by(() => {
    const card = imageState.info?.card
    const image = imageState.source.image
    const width = card?.width ?? image?.naturalWidth
    const height = card?.height ?? image?.naturalHeight
    return width === undefined || height === undefined ? null : { width, height }
  })
  readonly #known = new Map<string, PatchEntry>()
  readonly patches: readonly PatchEntry[] = $derived.by(() => {
    const { frame } = this
    const patches = imageState.info?.patches ?? []
    if (!frame) return []
    return patches.flatMap((patch, index) =>
      patch.status === 'rejected' ? [] : [this.#entry(patch, index + 1, frame)],
    )
  })
  readonly objects: readonly ApiObject[] = $derived(imageState.info?.objects ?? [])
  readonly proposals = $derived(this.patches.filter(({ patch }) => patch.status === 'proposed'))
  readonly chosenPatch = $derived(
    this.chosen?.kind === 'patch'
      ? (this.patches.find(({ patch }) => patch.id === this.chosen?.id) ?? null)
      : null,
  )
  readonly chosenObject = $derived(
    this.chosen?.kind === 'object'
      ? (this.objects.find(({ id }) => id === this.chosen?.id) ?? null)
      : null,
  )
  /** What the handles of the selection move. */
  readonly chosenShape: EditShape | null = $derived.by(() => {
    if (this.chosenPatch) return this.chosenPatch.shape
    return this.chosenObject ? { kind: 'rectangle', box: rectOf(this.chosenObject.box) } : null
  })
  /** Objects are edited with their tool, or while one of them is chosen; else the patches. */
  readonly editsObjects = $derived(this.tool === 'object' || this.chosen?.kind === 'object')

  /** What is being edited, for the layer of handles. */
  readonly edit: EditView = $derived.by(() => {
    const { draft, tool } = this
    const isPainting = tool === 'brush' || tool === 'eraser'
    return {
      // While it is painted, the mask itself shows.
      shape: isPainting && draft ? null : (draft?.shape ?? this.chosenShape),
      isObject: draft ? draft.isObject : this.chosen?.kind === 'object',
      isProposal: this.chosenPatch?.patch.status === 'proposed',
      isUnfinished: isPainting || (draft !== null && draft.replaces === null),
      corners: this.corners,
      brush: isPainting ? { radius: this.brushRadius, erases: tool === 'eraser' } : null,
      pointer: isPainting || this.corners.length > 0 ? viewer.pointer : null,
    }
  })

  /** Everything that is marked, for the canvas. */
  readonly scene: Scene = $derived({
    picture: imageState.source.image,
    heat: null,
    masks: this.#masks(),
    boxes: boxLayer([...this.#objectItems(), ...this.#patchItems()]),
  })

  #masks(): MaskMark[] {
    const { draft, frame } = this
    const drawn = this.patches
      .filter(({ patch }) => !this.hidden.has(patch.id) && patch.id !== draft?.replaces)
      .map(({ patch, pixels }) =>
        maskMark(pixels, patch.status === 'proposed' ? 'proposal' : 'completed'),
      )
    const proposal = proposing.current
    const offered = proposal
      ? [maskMark(proposal.raw, 'raw'), maskMark(proposal.mask, 'offered')]
      : []
    const painted =
      draft && frame && !draft.isObject && draft.shape.kind === 'mask'
        ? [maskMark(draft.shape.mask, 'completed')]
        : []
    return [...drawn, ...offered, ...painted].filter((mark) => mark !== null)
  }

  #objectItems(): BoxItem[] {
    const { draft } = this
    return this.objects
      .filter(({ id }) => !(draft?.isObject && draft.replaces === id))
      .map(({ id, box, class: label }) => {
        const { left, top, right, bottom } = rectOf(box)
        return {
          key: `object:${id}`,
          box: [left, top, right, bottom],
          kind: 'truth',
          score: null,
          label,
        }
      })
  }

  /** Patches have no box of their own, their masks are drawn: this is for their tags and for hits. */
  #patchItems(): BoxItem[] {
    return this.patches
      .filter(({ patch }) => !this.hidden.has(patch.id) && patch.id !== this.draft?.replaces)
      .map(({ patch, number }) => {
        const { left, top, right, bottom } = rectOf(patch.box)
        return {
          key: `patch:${patch.id}`,
          box: [left, top, right, bottom],
          kind: patch.status === 'proposed' ? 'proposal' : 'patch',
          score: null,
          label: annotateText.patchTag(number, authorOf(patch)),
          isTagOnly: true,
        }
      })
  }

  #entry(patch: ApiPatch, number: number, frame: Size): PatchEntry {
    // Masks are decoded once: an edit of one patch leaves the others as they are.
    const key = JSON.stringify([patch, number, frame])
    const known = this.#known.get(key)
    if (known) return known
    const shape = editShapeOf(patch)
    const entry = { patch, number, shape, pixels: pixelsOf(shape, frame) }
    if (this.#known.size > 200) this.#known.clear()
    this.#known.set(key, entry)
    return entry
  }

  choose(chosen: Chosen | null): void {
    this.chosen = chosen
    this.draft = null
  }

  useTool(tool: ToolId): void {
    this.tool = tool
    this.corners = []
    this.draft = null
    if (tool !== 'propose') proposing.drop()
    if (tool === 'object' && this.chosen?.kind === 'patch') this.chosen = null
    if (tool !== 'object' && tool !== 'select' && this.chosen?.kind === 'object') this.chosen = null
  }

  toggleHidden(id: number): void {
    this.hidden = this.hidden.has(id)
      ? new Set([...this.hidden].filter((other) => other !== id))
      : new Set([...this.hidden, id])
  }

  /** Another picture: nothing of the last one stays but the tool. */
  begin(): void {
    this.chosen = null
    this.draft = null
    this.corners = []
    this.hidden = new Set()
    proposing.drop()
  }

  async draw(shape: EditShape): Promise<void> {
    const { id, frame } = this.#place()
    const drawing = drawingOf(shape, frame)
    if (drawing === null) {
      this.draft = null
      return
    }
    const answer = await this.#store(() =>
      backend.call('patches.draw', { imageId: id, ...drawing }),
    )
    if (answer) this.chosen = { kind: 'patch', id: answer.patch.id }
  }

  async change(id: number, shape: EditShape): Promise<void> {
    const { frame } = this.#place()
    const drawing = drawingOf(shape, frame)
    if (drawing === null) await this.#store(() => backend.call('patches.delete', { ids: [id] }))
    else await this.#store(() => backend.call('patches.change', { id, ...drawing }))
  }

  async rename(id: number, name: string): Promise<void> {
    await this.#store(() => backend.call('patches.change', { id, name: name === '' ? null : name }))
  }

  async addObject(box: Rect): Promise<void> {
    const { id } = this.#place()
    const label = this.lastClass ?? this.objects[0]?.class ?? annotateText.unnamedClass
    const answer = await this.#store(() =>
      backend.call('objects.add', { imageId: id, class: label, box: xywhOf(box) }),
    )
    if (answer) this.chosen = { kind: 'object', id: answer.object.id }
  }

  async changeObject(id: number, changes: Omit<Input<'objects.change'>, 'id'>): Promise<void> {
    if (changes.class !== undefined) this.lastClass = changes.class
    await this.#store(() => backend.call('objects.change', { id, ...changes }))
  }

  /** Deletes what is chosen; undo brings it back. */
  async deleteChosen(): Promise<void> {
    const { chosen } = this
    if (!chosen) return
    this.chosen = null
    const ids = [chosen.id]
    if (chosen.kind === 'patch') await this.#store(() => backend.call('patches.delete', { ids }))
    else await this.#store(() => backend.call('objects.delete', { ids }))
  }

  async setStatus(ids: number[], status: 'accepted' | 'rejected'): Promise<void> {
    if (ids.length === 0) return
    await this.#store(() => backend.call('patches.setStatus', { ids, status }))
    if (status === 'rejected') this.chosen = null
  }

  async keep(
    input: Omit<Input<'patches.keepProposals'>, 'imageId'>,
  ): Promise<Output<'patches.keepProposals'> | null> {
    const { id } = this.#place()
    return this.#store(() => backend.call('patches.keepProposals', { imageId: id, ...input }))
  }

  /** Stores an edit and shows what the project holds now; the draft stays until then, so that nothing flickers. */
  async #store<T>(edit: () => Promise<Answer<T>>): Promise<T | null> {
    const answer = await edits.save(edit)
    await imageState.reload()
    this.draft = null
    if (answer.ok) return answer.value
    toasts.add(answer.error.message, 'bad')
    return null
  }

  #place(): { id: number; frame: Size } {
    const { id } = imageState
    if (id === null || !this.frame) throw new Error('there is no picture to draw on')
    return { id, frame: this.frame }
  }
}

/** Who a patch is from, in one word. */
export function authorOf({ author, status }: ApiPatch): string {
  if (status === 'proposed') return annotateText.author.proposed
  if (author === 'segmenter') return annotateText.author.accepted
  return author === 'imported' && status === 'accepted'
    ? annotateText.author.accepted
    : annotateText.author[author]
}

export const annotate = new AnnotateState()

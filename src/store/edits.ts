import type { Attributes, BoxXywh, Shape } from '../shared/dataset'
import { rleArea } from '../shared/vision/rle'
import type { Db } from './db'
import { imageStatuses, patchStatuses, type ImageStatus, type PatchStatus } from './facet-codes'
import { attributesText, tagsFrom } from './json'
import { NameTable } from './names'
import { shapeColumns } from './shapes'
import { editInvalid, rowUnknown } from './store-errors'
import type { Action, Row, UndoLog } from './undo'

export interface PatchDrawing {
  readonly box: BoxXywh
  readonly shape?: Shape
  readonly name?: string | null
  readonly target?: string | null
  readonly attributes?: Attributes
}

export interface PatchProposal extends PatchDrawing {
  readonly memberId: number
}

export interface ObjectDrawing {
  /** Name of the class; made in the picture's data set if it has none of this name. */
  readonly class: string
  readonly box: BoxXywh
  readonly shape?: Shape
  readonly isCrowd?: boolean
  readonly attributes?: Attributes
}

/**
 * What a user changes by hand. Each call is one action that can be undone, and is on the disk when it returns; a call that
 * throws has changed nothing. All throw E_ROW_UNKNOWN, E_EDIT_INVALID, and what `Writer.write` throws.
 */
export class Edits {
  readonly #db: Db
  readonly #log: UndoLog

  constructor(db: Db, log: UndoLog) {
    this.#db = db
    this.#log = log
  }

  /** Answers the id of the new annotation; its author is the user, so it counts as accepted. */
  drawPatch(memberId: number, drawing: PatchDrawing, name = 'Draw a patch'): number {
    return this.#log.perform(name, (action) =>
      this.#addPatch(action, memberId, drawing, { author: 1, status: 2 }),
    )
  }

  /**
   * Stores what a segmenter proposes, to be accepted or rejected, or as accepted at once; the pictures in `reviewed` are
   * marked so in the same step. Answers the ids.
   */
  proposePatches(
    segmenter: string,
    params: Attributes,
    proposals: readonly PatchProposal[],
    status: 'proposed' | 'accepted' = 'proposed',
    reviewed: readonly number[] = [],
  ): number[] {
    const code = patchStatuses.indexOf(status)
    const origin = { author: 2, status: code, segmenter, params: attributesText(params) }
    const verb = status === 'accepted' ? 'Accept' : 'Propose'
    return this.#log.perform(
      `${verb} ${counted(proposals.length, 'patch', 'patches')}`,
      (action) => {
        const done = imageStatuses.indexOf('reviewed')
        for (const id of reviewed) action.update('members', id, { status: done })
        return proposals.map((one) => this.#addPatch(action, one.memberId, one, origin))
      },
    )
  }

  /**
   * The same for many pictures, a part at a time: parts that follow one another are one step. Where something else was done
   * in between, or the parts before were undone, a new step begins.
   */
  proposeInParts(
    segmenter: string,
    params: Attributes,
  ): (proposals: readonly PatchProposal[]) => void {
    const status = patchStatuses.indexOf('proposed')
    const origin = { author: 2, status, segmenter, params: attributesText(params) }
    let step: { readonly id: number; readonly count: number } | null = null
    return (proposals) => {
      if (proposals.length === 0) return
      const before = step !== null && this.#log.next('undo')?.id === step.id ? step : null
      const count = (before?.count ?? 0) + proposals.length
      const name = `Propose ${counted(count, 'patch', 'patches')}`
      const add = (action: Action): void => {
        for (const one of proposals) this.#addPatch(action, one.memberId, one, origin)
      }
      this.#log.perform(name, add, before?.id)
      const done = this.#log.next('undo')
      step = done ? { id: done.id, count } : null
    }
  }

  /** A change of the box alone drops the shape that was drawn for the old one. */
  changePatch(id: number, changes: Partial<PatchDrawing>, name = 'Change a patch'): void {
    this.#log.perform(name, (action) => {
      action.update('patches', id, {
        ...placeColumns(changes),
        ...(changes.name === undefined ? {} : { name: changes.name }),
        ...(changes.target === undefined ? {} : { target: changes.target }),
        ...(changes.attributes ? { attributes: attributesText(changes.attributes) } : {}),
      })
    })
  }

  setPatchStatus(ids: readonly number[], status: PatchStatus): void {
    const verbs: Record<PatchStatus, string> = {
      accepted: 'Accept',
      rejected: 'Reject',
      proposed: 'Reopen',
      imported: 'Reset',
    }
    const name = `${verbs[status]} ${counted(ids.length, 'patch', 'patches')}`
    this.#log.perform(name, (action) => {
      for (const id of ids) action.update('patches', id, { status: patchStatuses.indexOf(status) })
    })
  }

  deletePatches(ids: readonly number[]): void {
    this.#log.perform(`Delete ${counted(ids.length, 'patch', 'patches')}`, (action) => {
      for (const id of new Set(ids)) action.remove('patches', id)
    })
  }

  /** Answers the id of the new object. */
  addObject(memberId: number, drawing: ObjectDrawing): number {
    requireBox(drawing.box)
    return this.#log.perform(`Add ${drawing.class}`, (action) => {
      return action.insert('objects', {
        member_id: memberId,
        category_id: this.#categoryId(memberId, drawing.class),
        ...shapeColumns(drawing.box, drawing.shape),
        area: areaOf(drawing.box, drawing.shape),
        is_crowd: drawing.isCrowd === true ? 1 : 0,
        attributes: attributesText(drawing.attributes ?? {}),
      })
    })
  }

  changeObject(id: number, changes: Partial<ObjectDrawing>): void {
    this.#log.perform('Change an object', (action) => {
      const memberId = this.#db.value<number>('SELECT member_id FROM objects WHERE id = ?', id)
      if (memberId === undefined) throw rowUnknown('object', id)
      action.update('objects', id, {
        ...placeColumns(changes),
        ...(changes.box ? { area: areaOf(changes.box, changes.shape) } : {}),
        ...(changes.class === undefined
          ? {}
          : { category_id: this.#categoryId(memberId, changes.class) }),
        ...(changes.isCrowd === undefined ? {} : { is_crowd: changes.isCrowd ? 1 : 0 }),
        ...(changes.attributes ? { attributes: attributesText(changes.attributes) } : {}),
      })
    })
  }

  deleteObjects(ids: readonly number[]): void {
    this.#log.perform(`Delete ${counted(ids.length, 'object', 'objects')}`, (action) => {
      for (const id of new Set(ids)) action.remove('objects', id)
    })
  }

  setImageStatus(memberIds: readonly number[], status: ImageStatus): void {
    const name = `Mark ${counted(memberIds.length, 'image', 'images')} as ${status}`
    this.#log.perform(name, (action) => {
      for (const id of memberIds) {
        action.update('members', id, { status: imageStatuses.indexOf(status) })
      }
    })
  }

  /** Adds and takes away tags; each picture keeps its tags in the order of the alphabet. */
  tagImages(memberIds: readonly number[], add: readonly string[], remove: readonly string[]): void {
    if ([...add, ...remove].includes('')) throw editInvalid('a tag needs a name')
    const words = [...add, ...remove.map((tag) => `not ${tag}`)].join(', ')
    this.#log.perform(`Tag ${counted(memberIds.length, 'image', 'images')}: ${words}`, (action) => {
      for (const id of memberIds) {
        const now = this.#db.value<string>('SELECT tags FROM members WHERE id = ?', id)
        if (now === undefined) throw rowUnknown('image', id)
        const tags = new Set([...tagsFrom(now), ...add])
        for (const tag of remove) tags.delete(tag)
        action.update('members', id, { tags: JSON.stringify([...tags].sort()) })
      }
    })
  }

  /** A decision about patches and pictures together: one step. */
  decide(
    name: string,
    patches: { readonly ids: readonly number[]; readonly status: PatchStatus },
    images: { readonly ids: readonly number[]; readonly status: ImageStatus },
  ): void {
    this.#log.perform(name, (action) => {
      const patchCode = patchStatuses.indexOf(patches.status)
      const imageCode = imageStatuses.indexOf(images.status)
      for (const id of patches.ids) action.update('patches', id, { status: patchCode })
      for (const id of images.ids) action.update('members', id, { status: imageCode })
    })
  }

  #addPatch(action: Action, memberId: number, drawing: PatchDrawing, origin: Row): number {
    requireBox(drawing.box)
    this.#datasetOf(memberId)
    return action.insert('patches', {
      member_id: memberId,
      ...shapeColumns(drawing.box, drawing.shape),
      name: drawing.name ?? null,
      target: drawing.target ?? null,
      attributes: attributesText(drawing.attributes ?? {}),
      ...origin,
    })
  }

  /** A class that is new to the data set becomes a category of it, and stays one if the action is undone. */
  #categoryId(memberId: number, name: string): number {
    if (name === '') throw editInvalid('a class needs a name')
    const datasetId = this.#datasetOf(memberId)
    const classId = new NameTable(this.#db, 'classes').idOf(name)
    const known = this.#db.value<number>(
      'SELECT id FROM categories WHERE class_id = ? AND dataset_id = ? ORDER BY id LIMIT 1',
      classId,
      datasetId,
    )
    return (
      known ??
      this.#db.run(
        'INSERT INTO categories (dataset_id, source_id, class_id) VALUES (?, ?, ?)',
        datasetId,
        `added:${name}`,
        classId,
      ).id
    )
  }

  #datasetOf(memberId: number): number {
    const id = this.#db.value<number>('SELECT dataset_id FROM members WHERE id = ?', memberId)
    if (id === undefined) throw rowUnknown('image', memberId)
    return id
  }
}

function placeColumns({ box, shape }: { box?: BoxXywh; shape?: Shape }): Row {
  if (!box) {
    if (shape) throw editInvalid('a new shape needs its box')
    return {}
  }
  requireBox(box)
  return { ...shapeColumns(box, shape) }
}

function areaOf([, , width, height]: BoxXywh, shape: Shape | undefined): number {
  return shape?.mask ? rleArea(shape.mask) : width * height
}

function requireBox(box: BoxXywh): void {
  const [, , width, height] = box
  if (!box.every(Number.isFinite)) throw editInvalid(`the box ${box.join(', ')} is not finite`)
  if (width <= 0 || height <= 0) throw editInvalid(`the box ${box.join(', ')} has no area`)
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

import type { ImportedObject, ImportedPatch, ImportRecord } from '../../shared/dataset/records'
import { AppError } from '../../shared/errors'
import { BoxChecks } from './box-checks'
import type { ImageAnswer } from './check-image'
import type { CheckedRecord, ImportCounts } from './checked-records'
import { isPatchCategory, patchOf } from './patch-objects'
import { turnBox, turnShape, type Turn } from './turn'

/** What later records need to know of an image. */
interface KnownImage {
  /** Null if the image was left out. */
  readonly file: string | null
  readonly turn: Turn
  /** Upright size, where the importer did not know it and the boxes are therefore still to be looked at. */
  readonly unchecked: { readonly width: number; readonly height: number } | null
}

/** Follows the records of one import in order: which image and class each belongs to, and what it comes to. */
export class RecordChecks {
  readonly #images = new Map<string, KnownImage>()
  readonly #categories = new Set<string>()
  readonly #patchCategories = new Set<string>()
  readonly #boxes = new BoxChecks()
  readonly #counts: ImportCounts = {
    categories: 0,
    images: 0,
    missing: 0,
    objects: 0,
    patches: 0,
    skippedImages: 0,
    skippedObjects: 0,
    skippedPatches: 0,
  };

  *passImage({
    image,
    imageId,
    sizeStated,
    turn,
    problems,
  }: ImageAnswer): Generator<CheckedRecord> {
    if (this.#images.has(imageId)) {
      throw new AppError(
        'E_DUPLICATE_IMAGE_ID',
        `Two images have the id ${imageId}, so their objects cannot be told apart.`,
        'Give each image an id of its own.',
      )
    }
    for (const problem of problems) yield { kind: 'problem', problem }
    if (image === null) {
      this.#counts.skippedImages++
      this.#images.set(imageId, { file: null, turn, unchecked: null })
      return
    }
    const { width, height } = image
    const unchecked =
      sizeStated || width === null || height === null || image.contents === null
        ? null
        : { width, height }
    this.#images.set(imageId, { file: image.file, turn, unchecked })
    this.#counts.images++
    if (image.contents === null) this.#counts.missing++
    yield { kind: 'image', image }
  }

  *pass(record: Exclude<ImportRecord, { kind: 'image' }>): Generator<CheckedRecord> {
    switch (record.kind) {
      case 'category':
        if (isPatchCategory(record.category)) {
          this.#patchCategories.add(record.category.sourceId)
          return
        }
        this.#categories.add(record.category.sourceId)
        this.#counts.categories++
        yield record
        return
      case 'object':
        if (this.#patchCategories.has(record.object.categoryId)) {
          yield* this.#patch(record.imageId, patchOf(record.object))
        } else yield* this.#object(record.imageId, record.object)
        return
      case 'patch':
        yield* this.#patch(record.imageId, record.patch)
        return
      case 'problem':
        this.#boxes.note(record.problem)
        yield record
    }
  }

  *finish(): Generator<CheckedRecord> {
    for (const problem of this.#boxes.finish()) yield { kind: 'problem', problem }
    yield { kind: 'end', counts: { ...this.#counts } }
  }

  *#object(imageId: string, object: ImportedObject): Generator<CheckedRecord> {
    const image = this.#images.get(imageId)
    if (image === undefined) {
      yield* skipped(imageId, unknownImage(imageId))
      return
    }
    if (image.file === null) {
      this.#counts.skippedObjects++
      return
    }
    if (!this.#categories.has(object.categoryId)) {
      yield* skipped(image.file, unknownCategory(object.categoryId))
      return
    }
    if (!isFinite4(object.box)) {
      yield* skipped(image.file, notFinite(object.box))
      return
    }
    const upright = this.#upright(object, image.turn)
    if (image.unchecked) yield* this.#boxProblems(upright, image.file, image.unchecked)
    this.#counts.objects++
    yield { kind: 'object', imageId, object: upright }
  }

  *#patch(imageId: string, patch: ImportedPatch): Generator<CheckedRecord> {
    const image = this.#images.get(imageId)
    if (image === undefined) {
      yield* skipped(imageId, unknownImage(imageId))
      return
    }
    if (image.file === null) {
      this.#counts.skippedPatches++
      return
    }
    if (!isFinite4(patch.box)) {
      yield* skipped(image.file, notFinite(patch.box))
      return
    }
    const upright = this.#upright(patch, image.turn)
    if (image.unchecked) yield* this.#boxProblems(upright, image.file, image.unchecked)
    this.#counts.patches++
    yield { kind: 'patch', imageId, patch: upright }
  }

  #upright<T extends ImportedObject | ImportedPatch>(thing: T, turn: Turn): T {
    if (turn.orientation === 1) return thing
    const { box, shape } = thing
    return {
      ...thing,
      box: turnBox(box, turn),
      ...(shape ? { shape: turnShape(shape, turn) } : {}),
    }
  }

  *#boxProblems(
    { box }: ImportedObject | ImportedPatch,
    file: string,
    size: { readonly width: number; readonly height: number },
  ): Generator<CheckedRecord> {
    for (const problem of this.#boxes.check(box, { file, ...size })) {
      yield { kind: 'problem', problem }
    }
  }
}

const isFinite4 = (box: readonly number[]) =>
  Number.isFinite(box[0]) &&
  Number.isFinite(box[1]) &&
  Number.isFinite(box[2]) &&
  Number.isFinite(box[3])

interface Reason {
  readonly code: string
  readonly message: string
}

// Importers find these themselves, with line and record; a third party's may not.
function* skipped(file: string, reason: Reason): Generator<CheckedRecord> {
  yield { kind: 'problem', problem: { decision: 'skip-record', file, ...reason } }
}

const unknownImage = (id: string): Reason => ({
  code: 'E_ANN_IMAGE_UNKNOWN',
  message: `An annotation names the image ${id}, which is not there.`,
})

const unknownCategory = (id: string): Reason => ({
  code: 'E_ANN_CATEGORY_UNKNOWN',
  message: `An object names the class ${id}, which is not there.`,
})

const notFinite = (box: readonly number[]): Reason => ({
  code: 'E_BBOX_NOT_FINITE',
  message: `The box ${box.join(', ')} holds a number that is not finite.`,
})

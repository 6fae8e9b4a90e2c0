import type {
  ImportedObject,
  ImportedPatch,
  ImportProblem,
  ImportRecord,
} from '../../shared/dataset/records'
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

/**
 * Follows the records of one import in order: which image and class each belongs to, and what it comes to. What comes of
 * them is gathered until it is taken.
 */
export class RecordChecks {
  #passed: CheckedRecord[] = []
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
  }

  /** What has passed since the last call. */
  take(): readonly CheckedRecord[] {
    const passed = this.#passed
    this.#passed = []
    return passed
  }

  /** @throws AppError E_DUPLICATE_IMAGE_ID */
  passImage({ image, imageId, sizeStated, turn, problems }: ImageAnswer): void {
    if (this.#images.has(imageId)) {
      throw new AppError(
        'E_DUPLICATE_IMAGE_ID',
        `Two images have the id ${imageId}, so their objects cannot be told apart.`,
        'Give each image an id of its own.',
      )
    }
    this.#tell(problems)
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
    this.#passed.push({ kind: 'image', image })
  }

  pass(record: Exclude<ImportRecord, { kind: 'image' }>): void {
    switch (record.kind) {
      case 'category':
        if (isPatchCategory(record.category)) {
          this.#patchCategories.add(record.category.sourceId)
          return
        }
        this.#categories.add(record.category.sourceId)
        this.#counts.categories++
        this.#passed.push(record)
        return
      case 'object':
        if (this.#patchCategories.has(record.object.categoryId)) {
          this.#patch(record.imageId, patchOf(record.object))
        } else this.#object(record.imageId, record.object)
        return
      case 'patch':
        this.#patch(record.imageId, record.patch)
        return
      case 'problem':
        this.#boxes.note(record.problem)
        this.#passed.push(record)
    }
  }

  /** To be called last. `problems` are those of the source. */
  finish(problems: readonly ImportProblem[]): void {
    this.#tell(problems)
    this.#tell(this.#boxes.finish())
    this.#passed.push({ kind: 'end', counts: { ...this.#counts } })
  }

  #tell(problems: readonly ImportProblem[]): void {
    for (const problem of problems) this.#passed.push({ kind: 'problem', problem })
  }

  #skip(file: string, reason: Reason): void {
    // Importers find these themselves, with line and record; a third party's may not.
    this.#tell([{ decision: 'skip-record', file, ...reason }])
  }

  #object(imageId: string, object: ImportedObject): void {
    const image = this.#images.get(imageId)
    if (image === undefined) {
      this.#skip(imageId, unknownImage(imageId))
      return
    }
    if (image.file === null) {
      this.#counts.skippedObjects++
      return
    }
    if (!this.#categories.has(object.categoryId)) {
      this.#skip(image.file, unknownCategory(object.categoryId))
      return
    }
    if (!isFinite4(object.box)) {
      this.#skip(image.file, notFinite(object.box))
      return
    }
    const upright = this.#upright(object, image.turn)
    if (image.unchecked) {
      this.#tell(this.#boxes.check(upright.box, { file: image.file, ...image.unchecked }))
    }
    this.#counts.objects++
    this.#passed.push({ kind: 'object', imageId, object: upright })
  }

  #patch(imageId: string, patch: ImportedPatch): void {
    const image = this.#images.get(imageId)
    if (image === undefined) {
      this.#skip(imageId, unknownImage(imageId))
      return
    }
    if (image.file === null) {
      this.#counts.skippedPatches++
      return
    }
    if (!isFinite4(patch.box)) {
      this.#skip(image.file, notFinite(patch.box))
      return
    }
    const upright = this.#upright(patch, image.turn)
    if (image.unchecked) {
      this.#tell(this.#boxes.check(upright.box, { file: image.file, ...image.unchecked }))
    }
    this.#counts.patches++
    this.#passed.push({ kind: 'patch', imageId, patch: upright })
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

import { AppError } from '../shared/errors'
import { maskFromText } from '../shared/vision'
import type { EncodedPicture, TryOrder } from '../engine/studio/messages'
import { encodeMask } from '../engine/studio/encode-mask'
import type { Run, ThumbnailCache } from '../store'
import { itemOf } from './api/image'
import { pictureContent } from './content-version'
import type { Context } from './context'
import { detectionFor, manifestOf } from './detection-choice'
import { draftOrder } from './drafts'
import { importPicture } from './import-pictures'
import { isAppError } from './is-app-error'
import { sampleScene } from './sample'

/** A picture by its address, or why there is none. */
export type MediaAnswer =
  | { readonly status: 200; readonly contentType: string; readonly bytes: Uint8Array }
  | { readonly status: 400 | 404 | 415 | 500 | 503 }

const THUMBNAIL = 256
const SCREEN = 1_600
const KEPT_BYTES = 96 * 2 ** 20

/** `12/thumbnail?v=…`: nothing but ids, a kind and a version. */
const address = /^\/?(\d{1,15})\/([\w-]{1,100})(?:\?v=([\w-]{1,100}))?$/

/** Pictures of images, runs and drafts, by ids only; what was made last is kept. */
export class Media {
  readonly #context: Context
  readonly #keptBytes: number
  readonly #kept = new Map<string, EncodedPicture>()
  #bytes = 0

  constructor(context: Context, keptBytes = KEPT_BYTES) {
    this.#context = context
    this.#keptBytes = keptBytes
  }

  async answer(path: string, signal: AbortSignal): Promise<MediaAnswer> {
    const [, id, kind, version = ''] = address.exec(decoded(path)) ?? []
    if (id === undefined || kind === undefined) return { status: 400 }
    try {
      const picture = await this.#picture(Number(id), kind, version, signal)
      if (picture === null) return { status: 404 }
      return { status: 200, contentType: picture.contentType, bytes: picture.bytes }
    } catch (error) {
      if (signal.aborted) return { status: 503 }
      if (isAppError(error, 'E_BACKEND_GONE')) return { status: 503 }
      if (isAppError(error, 'E_ROW_UNKNOWN') || isAppError(error, 'E_FILE_NOT_FOUND'))
        return { status: 404 }
      // The picture cannot be shown: its card says why.
      return { status: error instanceof AppError ? 415 : 500 }
    }
  }

  async #picture(
    id: number,
    kind: string,
    version: string,
    signal: AbortSignal,
  ): Promise<EncodedPicture | null> {
    if (id === 0) return this.#withoutImage(kind, signal)
    switch (kind) {
      case 'thumbnail':
        return this.#original(id, THUMBNAIL, signal)
      case 'screen':
        return this.#original(id, SCREEN, signal)
      case 'full':
        return this.#original(id, null, signal)
    }
    const key = `${id} ${kind} ${version}`
    const known = this.#kept.get(key)
    if (known) return known
    const made = kind.startsWith('mask-')
      ? await this.#mask(id, kind.slice('mask-'.length), version, signal)
      : await this.#stage(id, kind, version, signal)
    if (made) this.#keep(key, made)
    return made
  }

  async #original(id: number, size: number | null, signal: AbortSignal): Promise<EncodedPicture> {
    const { project, cache, gallery } = this.#context
    const image = project.images.get(id)
    // A tile or a row of a file is not known by the digest of a file, by which the cache is swept.
    const content = image.pixels || image.fileState === 'changed' ? null : pictureContent(image)
    const cached = size === null || content === null ? undefined : fromCache(cache, content, size)
    if (cached) return { contentType: typeOf(cached), bytes: cached, width: 0, height: 0 }
    const picture = await gallery.ask(
      'picture',
      { item: itemOf(image), size, maxPixels: this.#maxPixels },
      signal,
    )
    if (size !== null && content !== null) intoCache(cache, content, size, picture.bytes)
    return picture
  }

  async #withoutImage(kind: string, signal: AbortSignal): Promise<EncodedPicture | null> {
    const { gallery } = this.#context
    const item =
      kind === 'scene'
        ? await sampleScene(this.#context, signal)
        : kind.startsWith('import-')
          ? importPicture(this.#context, kind.slice('import-'.length))
          : undefined
    if (!item) return null
    const size = kind === 'scene' ? SCREEN : THUMBNAIL
    return gallery.ask('picture', { item, size, maxPixels: this.#maxPixels }, signal)
  }

  async #mask(
    id: number,
    name: string,
    version: string,
    signal: AbortSignal,
  ): Promise<EncodedPicture | null> {
    const text = await this.#maskText(id, name, version, signal)
    return text && encodeMask(maskFromText(text.text, text))
  }

  async #maskText(id: number, name: string, version: string, signal: AbortSignal) {
    const { project, studio } = this.#context
    const draft = draftOf(version)
    if (draft !== null) {
      const order = draftOrder(this.#context, draft)
      if (!order) return null
      const { masks, width, height } = await studio.ask('try', order, signal)
      const text = masks[name]
      return text === undefined ? null : { text, width, height }
    }
    const run = runOf(version)
    const item = run === null ? undefined : project.runs.itemOfImage(run, id)
    const text = item?.masks[name]
    if (text === undefined || item?.width == null || item.height === null) return null
    return { text, width: item.width, height: item.height }
  }

  async #stage(
    id: number,
    kind: string,
    version: string,
    signal: AbortSignal,
  ): Promise<EncodedPicture | null> {
    if (kind !== 'removed' && kind !== 'probability') return null
    const order = await this.#orderOf(id, version)
    if (!order) return null
    return this.#context.studio.ask('stage', { ...order, what: kind }, signal)
  }

  /** What is to be done again to have the picture of a stage; null where nobody knows any more. */
  async #orderOf(id: number, version: string): Promise<TryOrder | null> {
    const draft = draftOf(version)
    if (draft !== null) return draftOrder(this.#context, draft) ?? null
    const runId = runOf(version)
    if (runId === null) return null
    const { project, locations, threads } = this.#context
    const run: Run = project.runs.get(runId)
    const manifest = manifestOf(run)
    if (!manifest?.defense || !project.runs.itemOfImage(runId, id)) return null
    const { detector, defense, scoreThreshold, seed } = manifest
    const choice = { detector: detector.id, defense, scoreThreshold, seed }
    const { task, seed: used } = await detectionFor(locations, choice)
    const item = itemOf(project.images.get(id))
    return { item, task, locations, threads, seed: used, maxPixels: this.#maxPixels }
  }

  get #maxPixels(): number {
    return Math.round(this.#context.settings.get().maxMegapixels * 1e6)
  }

  #keep(key: string, picture: EncodedPicture): void {
    // Two may have asked for it at once: it counts once.
    this.#bytes += picture.bytes.length - (this.#kept.get(key)?.bytes.length ?? 0)
    this.#kept.set(key, picture)
    for (const [old, { bytes }] of this.#kept) {
      if (this.#bytes <= this.#keptBytes) return
      this.#kept.delete(old)
      this.#bytes -= bytes.length
    }
  }
}

/** A cache that cannot be read or written (a full disk, another process at it) costs time, and no picture. */
function fromCache(cache: ThumbnailCache, content: string, size: number): Uint8Array | undefined {
  try {
    return cache.get(content, size)
  } catch {
    return undefined
  }
}

function intoCache(cache: ThumbnailCache, content: string, size: number, bytes: Uint8Array): void {
  try {
    cache.put(content, size, bytes)
  } catch {
    // As above: the next one who asks has it made again.
  }
}

const draftOf = (version: string) => /^d([0-9a-f]{16})$/.exec(version)?.[1] ?? null

function runOf(version: string): number | null {
  const id = /^r(\d{1,15})-/.exec(version)?.[1]
  return id === undefined ? null : Number(id)
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return ''
  }
}

/** What the cache holds was made here: WebP or JPEG. */
function typeOf(bytes: Uint8Array): EncodedPicture['contentType'] {
  return bytes[0] === 0xff ? 'image/jpeg' : 'image/webp'
}

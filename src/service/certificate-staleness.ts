import { statSync } from 'node:fs'
import { join } from 'node:path'
import { diskPath } from '../engine/files/disk-path'
import { contentIdOf } from '../engine/import/check-image'
import { openModelStore } from '../engine/models/model-store'
import type { Locations } from '../engine/vision-job'
import type { CertificateRecord } from '../shared/certificate-record'
import type { Project } from '../store'
import { pathOfPicture, sourceOfPicture } from './picture-place'
import { digestOfFile } from './run-subjects'

/** What is no longer what was certified; empty: the certificate holds. What is not there any more is another. */
export type Staleness = readonly ('model' | 'image')[]

export function staleness(
  { modelDigest, imageDigest }: Pick<CertificateRecord, 'modelDigest' | 'imageDigest'>,
  modelNow: string | null,
  imageNow: string | null,
): Staleness {
  return [
    ...(modelNow === modelDigest ? [] : (['model'] as const)),
    ...(imageNow === imageDigest ? [] : (['image'] as const)),
  ]
}

interface Known {
  readonly stamp: string
  readonly digest: string | null
}

/** Digests kept for so many files. */
const MOST_KEPT = 20_000

/**
 * What models and pictures are now, for lists of certificates: a file is read once, and again only when its time, size or
 * place on the disk has changed.
 */
export class DigestsNow {
  readonly #project: Project
  readonly #locations: Locations
  readonly #files = new Map<string, Known>()
  readonly #models = new Map<string, Known & { readonly file: string }>()

  constructor(project: Project, locations: Locations) {
    this.#project = project
    this.#locations = locations
  }

  /** SHA-256 of a model, by its id; null if it was removed, or its file is not what its card says. */
  async ofModel(id: string | undefined): Promise<string | null> {
    if (id === undefined) return null
    const known = this.#models.get(id)
    if (known?.stamp !== undefined && known.stamp === this.#stampOfModel(id, known.file))
      return known.digest
    const store = await openModelStore(this.#locations)
    const card = await store.resolve(id).then(
      (model) => model.card,
      () => null,
    )
    const file = card?.file ?? 'model.onnx'
    const digest = card?.sha256 ?? null
    this.#models.set(id, { stamp: this.#stampOfModel(id, file), digest, file })
    return digest
  }

  /** What the picture of a data set is; null if it cannot be read. @throws AppError E_ROW_UNKNOWN */
  ofMember(memberId: number): string | null {
    const image = this.#project.images.get(memberId)
    const { sha256, pixels, file } = image
    const path = pathOfPicture(image)
    const digest = this.#ofFile(path, file, () => sourceOfPicture(image), sha256)
    return digest === null ? null : contentIdOf(digest, pixels)
  }

  /** The same for a picture that is in no data set. */
  ofFile(path: string): string | null {
    return this.#ofFile(path, path, () => diskPath(path), null)
  }

  #ofFile(
    path: string,
    name: string,
    source: () => ReturnType<typeof diskPath>,
    sha256: string | null,
  ): string | null {
    const opened = source()
    const stamp = stampOf(opened)
    if (stamp === null) return null
    const known = this.#files.get(path)
    if (known?.stamp === stamp) return known.digest
    const digest = this.#asImported(sha256, path, opened) ?? digestOrNull(opened, name)
    if (this.#files.size >= MOST_KEPT) this.#files.clear()
    this.#files.set(path, { stamp, digest })
    return digest
  }

  /** The digest of the import, where the file has the time and the size that it had then. */
  #asImported(
    sha256: string | null,
    path: string,
    source: ReturnType<typeof diskPath>,
  ): string | null {
    if (sha256 === null) return null
    const stats = statSync(Buffer.from(source), { throwIfNoEntry: false })
    const file = this.#project.files
      .withContent(sha256)
      .find((one) => pathOfPicture({ folder: one.folder, file: one.path }) === path)
    const isSame =
      file?.state !== 'changed' &&
      file?.modifiedMs === Math.trunc(stats?.mtimeMs ?? NaN) &&
      file.sizeBytes === stats?.size
    return isSame ? sha256 : null
  }

  /** Of the cards and files that the id may stand for: those of the project come before the shipped ones. */
  #stampOfModel(id: string, file: string): string {
    const { projectDir, packageRoot } = this.#locations
    return [projectDir, packageRoot]
      .flatMap((root) => ['model.json', file].map((name) => join(root, 'models', id, name)))
      .map((path) => stampOf(path) ?? 'none')
      .join(' ')
  }
}

function stampOf(path: string | Uint8Array): string | null {
  try {
    const stats = statSync(typeof path === 'string' ? path : Buffer.from(path))
    return [stats.mtimeMs, stats.ctimeMs, stats.size, stats.ino].join(':')
  } catch {
    return null
  }
}

function digestOrNull(source: ReturnType<typeof diskPath>, name: string): string | null {
  try {
    return digestOfFile(source, name)
  } catch {
    return null
  }
}

import { join } from 'node:path'
import { z } from 'zod'
import { diskPath } from '../engine/files/disk-path'
import { contentIdOf } from '../engine/import/check-image'
import type { ModelStore } from '../engine/models/model-store'
import type { CertificateRecord } from '../shared/certificate-record'
import type { Project, Run, RunItem } from '../store'
import { itemsOfRun } from './certificate-subjects'
import { allRuns } from './run-order'
import { digestOfFile } from './run-subjects'

/** What is no longer what was certified; empty: the certificate holds. What is not there any more is another. */
export type Staleness = readonly ('model' | 'image')[]

/** A certificate of one picture as it is stored, and whether it still holds. */
export interface ListedImageCertificate extends CertificateRecord {
  readonly id: number
  /** The run that certified. */
  readonly runId: number
  readonly runName: string
  readonly stale: Staleness
}

/**
 * The certificates of one picture (the id of a data set's member) in a run that certifies, or about the boxes of a run
 * that detects; oldest run first, in the order of its boxes. Looks at the picture's file and at the models again, so
 * that what is stale says so.
 * @throws AppError E_ROW_UNKNOWN
 */
export async function listCertificates(
  project: Project,
  models: Pick<ModelStore, 'resolve'>,
  question: { readonly imageId: number; readonly runId: number },
): Promise<readonly ListedImageCertificate[]> {
  const { imageId, runId } = question
  const imageDigest = digestOfMember(project, imageId)
  const digestOfModel = modelDigests(models)
  const listed: ListedImageCertificate[] = []
  for (const run of runsAbout(project, runId)) {
    for (const record of project.certificatesOfImage(run.id, imageId)) {
      const stale = staleness(record, await digestOfModel(record.modelId), imageDigest)
      listed.push({ ...record, runId: run.id, runName: run.name, stale })
    }
  }
  return listed
}

/** The certificates of all pictures of a run that certifies, picture by picture, as they hold now. */
export async function* listRunCertificates(
  project: Project,
  models: Pick<ModelStore, 'resolve'>,
  runId: number,
): AsyncGenerator<{
  readonly item: RunItem
  readonly certificates: readonly (CertificateRecord & { readonly stale: Staleness })[]
}> {
  const digestOfModel = modelDigests(models)
  for (const item of itemsOfRun(project, project.runs.get(runId))) {
    if (item.error !== null) continue
    const digest =
      item.memberId === null ? digestOrNull(item.file) : digestOfMember(project, item.memberId)
    const certificates = []
    for (const record of project.runs.item(item.id).certificates) {
      const stale = staleness(record, await digestOfModel(record.modelId), digest)
      certificates.push({ ...record, stale })
    }
    yield { item, certificates }
  }
}

/** The run itself, if it certifies, and all that certify boxes of it; oldest first. @throws AppError E_ROW_UNKNOWN */
export function runsAbout(project: Project, runId: number): readonly Run[] {
  const asked = project.runs.get(runId)
  const about = [...allRuns(project, 'certify')].filter(
    ({ id, manifest }) => id === asked.id || boxesOf(manifest) === asked.id,
  )
  return about.reverse()
}

function boxesOf(manifest: Run['manifest']): number | null {
  const parsed = z.object({ boxesOf: z.object({ id: z.number() }) }).safeParse(manifest)
  return parsed.success ? parsed.data.boxesOf.id : null
}

function staleness(
  { modelDigest, imageDigest }: CertificateRecord,
  modelNow: string | null,
  imageNow: string | null,
): Staleness {
  return [
    ...(modelNow === modelDigest ? [] : (['model'] as const)),
    ...(imageNow === imageDigest ? [] : (['image'] as const)),
  ]
}

/** Looks each model up once. */
function modelDigests(models: Pick<ModelStore, 'resolve'>) {
  const found = new Map<string, Promise<string | null>>()
  return (id: string | undefined): Promise<string | null> => {
    if (id === undefined) return Promise.resolve(null)
    const known = found.get(id)
    if (known) return known
    const asked = models.resolve(id).then(
      ({ card }) => card.sha256,
      () => null, // removed, or its file is not what its card says
    )
    found.set(id, asked)
    return asked
  }
}

/** What the picture of a data set is now; null if it cannot be read. @throws AppError E_ROW_UNKNOWN */
function digestOfMember(project: Project, memberId: number): string | null {
  const { folder, file, pixels } = project.images.get(memberId)
  const digest = digestOrNull(join(folder, file))
  return digest === null ? null : contentIdOf(digest, pixels)
}

function digestOrNull(path: string): string | null {
  try {
    return digestOfFile(diskPath(path), path)
  } catch {
    return null
  }
}

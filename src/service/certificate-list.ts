import { z } from 'zod'
import type { CertificateRecord } from '../shared/certificate-record'
import type { ListedCertificate, Page, PageRequest, Project, Run, RunItem } from '../store'
import { staleness, type DigestsNow, type Staleness } from './certificate-staleness'
import { itemsOfRun } from './certificate-subjects'
import { allRuns } from './run-order'

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
 * that detects; oldest run first, in the order of its boxes. `alsoOthers`: also those about no boxes of a run, such as
 * the whole picture or its annotated objects; without a run those alone.
 * @throws AppError E_ROW_UNKNOWN
 */
export async function listCertificates(
  project: Project,
  digests: DigestsNow,
  question: {
    readonly imageId: number
    readonly runId: number | null
    readonly alsoOthers?: boolean
  },
): Promise<readonly ListedImageCertificate[]> {
  const { imageId, runId, alsoOthers = false } = question
  const imageDigest = digests.ofMember(imageId)
  const ofModel = modelsOnce(digests)
  const listed: ListedImageCertificate[] = []
  for (const run of runsAbout(project, runId, alsoOthers)) {
    for (const record of project.certificatesOfImage(run.id, imageId)) {
      const stale = staleness(record, await ofModel(record.modelId), imageDigest)
      listed.push({ ...record, runId: run.id, runName: run.name, stale })
    }
  }
  return listed
}

/** A page of the certificates of a run, with what is stale in it. @throws AppError E_CURSOR_INVALID */
export async function pageOfCertificates(
  project: Project,
  digests: DigestsNow,
  filter: { readonly run: number; readonly certified: boolean },
  page: PageRequest,
): Promise<Page<ListedCertificate & { readonly stale: Staleness }>> {
  const { rows, next } = project.certificates(filter, page)
  const pictures = new Map<string, string | null>()
  const ofModel = modelsOnce(digests)
  const listed = []
  for (const row of rows) {
    // Many certificates of a page are about one picture.
    const key = row.memberId === null ? row.file : String(row.memberId)
    const known = pictures.get(key)
    const image = known ?? digestOfItem(digests, row)
    pictures.set(key, image)
    listed.push({ ...row, stale: staleness(row, await ofModel(row.modelId), image) })
  }
  return { rows: listed, next }
}

/** The certificates of all pictures of a run that certifies, picture by picture, as they hold now. */
export async function* listRunCertificates(
  project: Project,
  digests: DigestsNow,
  runId: number,
): AsyncGenerator<{
  readonly item: RunItem
  readonly certificates: readonly (CertificateRecord & { readonly stale: Staleness })[]
}> {
  const ofModel = modelsOnce(digests)
  for (const item of itemsOfRun(project, project.runs.get(runId))) {
    if (item.error !== null) continue
    const digest = digestOfItem(digests, item)
    const certificates = []
    for (const record of project.runs.item(item.id).certificates) {
      const stale = staleness(record, await ofModel(record.modelId), digest)
      certificates.push({ ...record, stale })
    }
    yield { item, certificates }
  }
}

/** Looks each model up once for a list. */
function modelsOnce(digests: DigestsNow): (id: string | undefined) => Promise<string | null> {
  const asked = new Map<string | undefined, Promise<string | null>>()
  return (id) => {
    const known = asked.get(id) ?? digests.ofModel(id)
    asked.set(id, known)
    return known
  }
}

const digestOfItem = (
  digests: DigestsNow,
  { memberId, file }: { readonly memberId: number | null; readonly file: string },
): string | null => (memberId === null ? digests.ofFile(file) : digests.ofMember(memberId))

/**
 * The run itself, if it certifies, and all that certify boxes of it; oldest first. `alsoOthers`: also those that certify
 * boxes of no run. @throws AppError E_ROW_UNKNOWN
 */
export function runsAbout(
  project: Project,
  runId: number | null,
  alsoOthers = false,
): readonly Run[] {
  const asked = runId === null ? null : project.runs.get(runId).id
  const about = [...allRuns(project, 'certify')].filter(({ id, manifest }) => {
    const boxes = boxesOf(manifest)
    return id === asked || (boxes === null ? alsoOthers : boxes === asked)
  })
  return about.reverse()
}

/** The run whose boxes a run certifies; null for others. */
export function boxesOf(manifest: Run['manifest']): number | null {
  const parsed = z.object({ boxesOf: z.object({ id: z.number() }) }).safeParse(manifest)
  return parsed.success ? parsed.data.boxesOf.id : null
}

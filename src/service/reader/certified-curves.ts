import type { Output } from '../../shared/api'
import { boxIou } from '../../shared/vision'
import type { ListedCertificate, Project, Run } from '../../store'
import { contentIdOf } from '../../engine/import/check-image'
import { runsAbout } from '../certificate-list'
import { annotationsNow } from './annotations-now'

type Curve = Output<'certificates.curves'>['curves'][number]
type SeriesId = Curve['series'][number]['id']

/** A certificate as far as curves need it. */
interface Proof {
  readonly imageId: number | null
  /** Largest size that is proven, by series; 0: none. */
  readonly sizes: Partial<Record<SeriesId, number>>
  /** Null where there is no ground truth to tell. */
  readonly isRight: boolean | null
  readonly isStale: boolean
}

interface Group {
  readonly run: Run
  readonly method: string
  readonly unit: string
  readonly model: Curve['model']
  readonly isAboutObjects: boolean
  readonly asked: string | null
  readonly proofs: Proof[]
}

const OBJECTS = 'objectseeker'
const SAME_OBJECT = 0.5
const PAGE = 1_000
const MOST_STEPS = 200
const GROUPS_KEPT = 8

interface CurveRequest {
  readonly run: number | null
  readonly filter?: { readonly ids?: readonly number[] | undefined } | undefined
}

/**
 * For each run that certifies boxes of `run`, or no boxes of a run: the share that is right and proven up to each size.
 * Certificates of pictures whose content is known to be another count as not proven.
 */
export function certifiedCurves(
  project: Project,
  { run, filter }: CurveRequest,
): { curves: Curve[] } {
  const only = filter?.ids === undefined ? null : new Set(filter.ids)
  return {
    curves: runsAbout(project, run, true).flatMap((about) =>
      groupsOf(project, about).flatMap((group) => curveOf(group, only) ?? []),
    ),
  }
}

export interface CertifiedBehind {
  readonly run: number
  readonly method: string
  readonly series: SeriesId
  /** Proven up to this size or more. */
  readonly size: number
}

/** The pictures that a point of a curve counts, with how many of its certificates each has. */
export function picturesOfCurve(
  project: Project,
  { run, method, series, size }: CertifiedBehind,
): ReadonlyMap<number, number> {
  const group = groupsOf(project, project.runs.get(run)).find((one) => one.method === method)
  const counts = new Map<number, number>()
  if (!group) return counts
  for (const proof of countedProofs(group, group.proofs).proofs) {
    if (proof.imageId === null || !isProven(proof, series, size)) continue
    counts.set(proof.imageId, (counts.get(proof.imageId) ?? 0) + 1)
  }
  return counts
}

const kept = new Map<string, readonly Group[]>()

/** Read once as long as neither certificates nor annotations change. */
function groupsOf(project: Project, run: Run): readonly Group[] {
  const key = JSON.stringify([run.id, run.done, run.failed, annotationsNow(project)])
  const known = kept.get(key)
  kept.delete(key)
  const groups = known ?? readGroups(project, run)
  kept.set(key, groups)
  for (const old of [...kept.keys()].slice(0, -GROUPS_KEPT)) kept.delete(old)
  return groups
}

function readGroups(project: Project, run: Run): readonly Group[] {
  const groups = new Map<string, Group>()
  const pictures = new Map<number, Picture>()
  for (const certified of [true, false]) {
    for (let after: string | null = null; ;) {
      const page = project.certificates({ run: run.id, certified }, { limit: PAGE, after })
      for (const one of page.rows) addTo(groups, project, run, one, pictures)
      if (page.next === null) break
      after = page.next
    }
  }
  return [...groups.values()]
}

function addTo(
  groups: Map<string, Group>,
  project: Project,
  run: Run,
  one: ListedCertificate,
  pictures: Map<number, Picture>,
): void {
  const { method, unit, modelId, modelDigest } = one
  const isAboutObjects = method === OBJECTS
  const key = `${method} ${isAboutObjects ? '' : unit}`
  const asked = run.manifest['patch'] ?? run.manifest['radius']
  const group = groups.get(key) ?? {
    ...{ run, method, isAboutObjects, unit: isAboutObjects ? 'px' : unit, proofs: [] },
    model: modelId === undefined ? null : { id: modelId, digest: modelDigest ?? '' },
    asked: typeof asked === 'string' || typeof asked === 'number' ? String(asked) : null,
  }
  groups.set(key, group)
  group.proofs.push(proofOf(project, one, isAboutObjects, pictures))
}

interface Picture {
  readonly content: string | null
  readonly label: string | null
  readonly objects: readonly {
    readonly class: string
    readonly box: readonly [number, number, number, number]
  }[]
}

function proofOf(
  project: Project,
  one: ListedCertificate,
  isAboutObjects: boolean,
  pictures: Map<number, Picture>,
): Proof {
  const { memberId, certified, radius = 0, details = {}, imageDigest } = one
  const picture = memberId === null ? null : pictureOf(project, memberId, pictures)
  const size = (name: string): number => Number(details[name] ?? 0)
  return {
    imageId: memberId,
    isStale: picture !== null && picture.content !== imageDigest,
    isRight: isAboutObjects ? true : rightness(one, picture),
    sizes: isAboutObjects
      ? {
          far: size('largestFar'),
          near: size('largestNear'),
          over: size('largestOver'),
          anywhere: size('largestAnywhere'),
        }
      : { all: certified ? radius : 0 },
  }
}

function pictureOf(project: Project, memberId: number, pictures: Map<number, Picture>): Picture {
  const known = pictures.get(memberId)
  if (known) return known
  const { sha256, pixels, fileState, label } = project.images.get(memberId)
  const picture: Picture = {
    content: sha256 === null || fileState === 'changed' ? null : contentIdOf(sha256, pixels),
    label: label?.name ?? null,
    objects: project
      .objectsOf(memberId)
      .filter(({ isCrowd }) => !isCrowd)
      .map(({ class: name, box: [x, y, width, height] }) => ({
        class: name,
        box: [x, y, x + width, y + height],
      })),
  }
  pictures.set(memberId, picture)
  return picture
}

/** Whether the class is that of the object under the box, or of the whole picture. */
function rightness(
  { box, class: name }: ListedCertificate,
  picture: Picture | null,
): boolean | null {
  if (picture === null) return null
  if (box === undefined) return picture.label === null ? null : picture.label === name
  let best: { readonly class: string; readonly iou: number } | null = null
  for (const object of picture.objects) {
    const iou = boxIou(object.box, box)
    if (iou >= SAME_OBJECT && iou > (best?.iou ?? 0)) best = { class: object.class, iou }
  }
  return best === null ? null : best.class === name
}

/** Those with ground truth where there is any; else all, and nobody knows whether they are right. */
function countedProofs(
  { isAboutObjects }: Pick<Group, 'isAboutObjects'>,
  proofs: readonly Proof[],
) {
  const known = proofs.filter(({ isRight }) => isRight !== null)
  if (isAboutObjects) return { kind: 'recall' as const, proofs }
  return known.length > 0
    ? { kind: 'accuracy' as const, proofs: known }
    : { kind: 'share' as const, proofs }
}

const isProven = ({ sizes, isRight, isStale }: Proof, series: SeriesId, size: number): boolean =>
  !isStale && isRight !== false && (sizes[series] ?? 0) > 0 && (sizes[series] ?? 0) >= size

function curveOf(group: Group, only: ReadonlySet<number> | null): Curve | null {
  const chosen = group.proofs.filter(
    ({ imageId }) => only === null || (imageId !== null && only.has(imageId)),
  )
  if (chosen.length === 0) return null
  const { kind, proofs } = countedProofs(group, chosen)
  const ids: readonly SeriesId[] = group.isAboutObjects
    ? ['far', 'near', 'over', 'anywhere']
    : ['all']
  return {
    run: { id: group.run.id, name: group.run.name },
    ...{ method: group.method, unit: group.unit, model: group.model, asked: group.asked, kind },
    isModelStale: false,
    ...{ tried: chosen.length, counted: proofs.length },
    stale: chosen.filter(({ isStale }) => isStale).length,
    right:
      kind === 'accuracy'
        ? proofs.filter(({ isRight }) => isRight === true).length / proofs.length
        : null,
    series: ids.map((id) => ({ id, steps: stepsOf(proofs, id) })),
  }
}

/** The size 0 stands for any size at all; of many sizes a part is told, each with its exact count. */
function stepsOf(proofs: readonly Proof[], series: SeriesId): Curve['series'][number]['steps'] {
  const sizes = proofs
    .filter((proof) => isProven(proof, series, 0))
    .map((proof) => proof.sizes[series] ?? 0)
    .sort((a, b) => a - b)
  const all = [...new Set([0, ...sizes])]
  const every = Math.ceil(all.length / MOST_STEPS)
  const told = all.filter((_, k) => k % every === 0 || k === all.length - 1)
  let passed = 0
  return told.map((size) => {
    while (passed < sizes.length && (sizes[passed] ?? 0) < size) passed++
    const count = sizes.length - passed
    return { size, count, share: proofs.length === 0 ? 0 : count / proofs.length }
  })
}

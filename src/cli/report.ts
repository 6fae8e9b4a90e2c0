import type { VisionResult } from '../engine/vision-job'
import type { Report, ReportImage } from '../shared/plugin'
import { showPath } from '../shared/image-errors'
import type { GroundTruthIds } from './ground-truth'
import { count } from './report-error'
import type { NamedFile } from './run-files'

export interface ReportParts {
  readonly files: readonly NamedFile[]
  readonly results: readonly (VisionResult | undefined)[]
  readonly classNames: readonly string[]
  readonly manifest: Readonly<Record<string, unknown>>
  /** Times differ from run to run, so they are only in the results when asked for. */
  readonly timings: boolean
  readonly truth?: GroundTruthIds
}

/** What exporters write. With a ground truth its ids are used, and what it does not know is left out. */
export function buildReport(parts: ReportParts): Report {
  const { files, results, classNames, truth } = parts
  const categories = truth
    ? truth.categoriesFor(classNames)
    : classNames.map((name, k) => ({ id: k + 1, name }))
  const unknown: string[] = []
  const twice: string[] = []
  const taken = new Set<number>()
  const images: ReportImage[] = []
  for (const [k, file] of files.entries()) {
    const result = results[k]
    if (!result) continue
    const id = truth ? truth.imageId(file.name) : k + 1
    if (id === undefined) {
      unknown.push(file.name)
      continue
    }
    if (taken.has(id)) {
      twice.push(file.name)
      continue
    }
    taken.add(id)
    images.push({
      id,
      file: file.name,
      width: result.width,
      height: result.height,
      sha256: result.sha256,
      detections: result.detections,
      masks: result.masks,
      notes: result.notes,
      warnings: result.warnings,
      ...(parts.timings ? { stages: result.stages } : {}),
    })
  }
  warnLeftOut('W_IMAGE_NOT_IN_GT', 'not in the ground truth', unknown)
  warnLeftOut('W_IMAGE_GT_TWICE', 'of an image of the ground truth that has one already', twice)
  return { categories, manifest: parts.manifest, images }
}

function warnLeftOut(code: string, why: string, names: readonly string[]): void {
  if (names.length === 0) return
  const some = names.slice(0, 3).map(showPath).join(', ') + (names.length > 3 ? ' …' : '')
  process.stderr.write(
    `warning ${code}: left out of the results, ${count(names.length, 'photograph')} ${why}: ${some}\n`,
  )
}

export interface Summary {
  readonly images: number
  readonly detections: number
  /** Images of which a defense removed something. */
  readonly imagesChanged: number
  readonly meanRemovedFraction: number
  /** Of a defense that removes nothing and looks at masked pictures instead: what these gave. */
  readonly masked?: {
    readonly pictures: number
    readonly boxes: number
    /** Boxes that the bare detector does not explain, and images that got some. */
    readonly added: number
    readonly imagesWithAdded: number
  }
  readonly failed: number
  readonly resumed: number
}

export function summarize(report: Report, failed: number, resumed: number): Summary {
  const removed = report.images.map((image) => Number(image.notes['removedFraction'] ?? 0))
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
  return {
    images: report.images.length,
    detections: sum(report.images.map((image) => image.detections.length)),
    imagesChanged: removed.filter((share) => share > 0).length,
    meanRemovedFraction: removed.length === 0 ? 0 : sum(removed) / removed.length,
    ...maskedSummary(report.images),
    failed,
    resumed,
  }
}

function maskedSummary(images: readonly ReportImage[]): Pick<Summary, 'masked'> {
  const noted = images.filter(({ notes }) => notes['maskedPictures'] !== undefined)
  if (noted.length === 0) return {}
  const values = (note: string): number[] => noted.map(({ notes }) => Number(notes[note] ?? 0))
  const sum = (note: string): number => values(note).reduce((a, b) => a + b, 0)
  return {
    masked: {
      pictures: sum('maskedPictures'),
      boxes: sum('maskedBoxes'),
      added: sum('addedBoxes'),
      imagesWithAdded: values('addedBoxes').filter((boxes) => boxes > 0).length,
    },
  }
}

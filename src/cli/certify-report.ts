import { roundedDown } from '../certificates/plain-number'
import { certifiedRecall, type CertifiedRecall } from '../defenses/masking/certified-recall'
import type { CertificateRecord } from '../shared/certificate-record'
import type { Attributes } from '../shared/dataset'
import { showPath } from '../shared/image-errors'
import { count, oneLine } from './report-error'
import { alignedTable } from './table'

/** A picture with its certificates, as documents have it. */
export interface CertifiedFile {
  readonly file: string
  readonly sha256: string
  readonly width: number
  readonly height: number
  readonly certificates: readonly (CertificateRecord & {
    readonly stale?: readonly ('model' | 'image')[]
  })[]
  readonly warnings: readonly string[]
}

export interface CertifyDocument {
  readonly about: Attributes
  readonly images: readonly CertifiedFile[]
  readonly summary: CertifySummary
}

interface CertifySummary {
  readonly images: number
  readonly certificates: number
  /** For the size that was asked about, or for any. */
  readonly certified: number
  /** Of boxes: certified, and of the class that they were called. */
  readonly certifiedAsCalled?: number
  readonly abstained: number
  readonly failed: number
  readonly stale: number
  /** Of objects that a detector has to find. */
  readonly recall?: readonly CertifiedRecall[]
}

/** Shares of the picture that certified recall is told for. */
const SHARES = [0.01, 0.02, 0.03]

export function certifyDocument(
  about: Attributes,
  images: readonly CertifiedFile[],
  failed: number,
): CertifyDocument {
  const all = images.flatMap(({ certificates }) => certificates)
  const howMany = (is: (record: (typeof all)[number]) => boolean): number => all.filter(is).length
  const { given: _given, ...told } = about // what the app begins the same run with; settings say it to people
  return {
    about: told,
    images,
    summary: {
      images: images.length,
      certificates: all.length,
      certified: howMany(({ certified }) => certified),
      ...(all.some(isNamed)
        ? {
            certifiedAsCalled: howMany(
              (one) => one.certified && isNamed(one) && one.class === one.boxClass,
            ),
          }
        : {}),
      abstained: howMany((record) => record.class === null && record.total !== 0),
      failed,
      stale: howMany(({ stale = [] }) => stale.length > 0),
      ...(about['method'] === 'objectseeker' ? { recall: recallOf(images) } : {}),
    },
  }
}

/** Whether a classifier gave a class to a box that had one. */
const isNamed = ({ boxClass, class: name }: CertificateRecord): boolean =>
  boxClass !== undefined && name !== undefined

function recallOf(images: readonly CertifiedFile[]): CertifiedRecall[] {
  const sides = images.map(({ width, height, certificates }) => ({
    frame: { width, height },
    objects: certificates.map(({ details = {} }) => ({
      largestSide: {
        far: Number(details['largestFar'] ?? 0),
        near: Number(details['largestNear'] ?? 0),
        over: Number(details['largestOver'] ?? 0),
        anywhere: Number(details['largestAnywhere'] ?? 0),
      },
    })),
  }))
  return certifiedRecall(sides, SHARES)
}

/** Of more certificates than this the sentences are only in the JSON. */
const MOST_SENTENCES = 5

/** For people: a line for each certificate, and what they amount to. */
export function certifyText({ images, summary }: CertifyDocument): string {
  const rows = images.flatMap(({ file, certificates }) =>
    certificates.map((record) => [
      oneLine(showPath(file)),
      record.box === undefined ? 'whole picture' : boxText(record),
      classText(record),
      stateText(record),
      record.radius === undefined ? '' : sizeText(record),
    ]),
  )
  const head = ['picture', 'about', 'class', 'certified', 'largest']
  const units = [...new Set(images.flatMap((image) => image.certificates.map(({ unit }) => unit)))]
  const recall = (summary.recall ?? []).map(
    ({ share, objects, certified }) =>
      `patch of ${100 * share} %: certified far ${part(certified.far, objects)}, near ${part(certified.near, objects)}, over ${part(certified.over, objects)}, anywhere ${part(certified.anywhere, objects)}`,
  )
  const sentences = images.flatMap(({ file, certificates }) =>
    certificates.map(({ statement }) => oneLine(`${showPath(file)}: ${statement}`)),
  )
  return [
    ...(rows.length === 0 ? [] : [alignedTable(head, rows)]),
    ...(sentences.length <= MOST_SENTENCES ? sentences : []),
    ...units.map((unit) => `largest: ${unit}`),
    ...recall,
    '',
  ].join('\n')
}

const part = (some: number, all: number): string =>
  all === 0 ? '0 of 0' : `${some} of ${all} (${((100 * some) / all).toFixed(1)} %)`

function boxText({ box = [0, 0, 0, 0], boxClass }: CertificateRecord): string {
  const place = box.map((side) => Math.round(side)).join(' ')
  return boxClass === undefined ? place : `${oneLine(boxClass)} ${place}`
}

function classText({ class: name, total }: CertificateRecord): string {
  if (name === undefined || total === 0) return ''
  return name === null ? 'abstains' : oneLine(name)
}

function stateText({ certified, stale = [] }: CertifiedFile['certificates'][number]): string {
  const answer = certified ? 'yes' : 'no'
  return stale.length === 0 ? answer : `${answer}, stale: another ${stale.join(' and ')}`
}

function sizeText({ radius = 0, details = {} }: CertificateRecord): string {
  const text = Number.isInteger(radius) ? String(radius) : roundedDown(radius)
  // The run ended once the size that was asked about was answered: nothing is known of others.
  if (details['samples'] === undefined) return text
  return radius === 0 ? '-' : `>= ${text}`
}

export function certifySummaryLine({ summary }: CertifyDocument, out: string | null): string {
  const parts = [
    count(summary.images, 'picture'),
    count(summary.certificates, 'certificate'),
    `${summary.certified} certified`,
    ...(summary.certifiedAsCalled === undefined
      ? []
      : [`${summary.certifiedAsCalled} of them as the class that the box is called`]),
    ...(summary.abstained > 0 ? [`${summary.abstained} abstained`] : []),
    ...(summary.stale > 0 ? [`${summary.stale} stale`] : []),
    ...(summary.failed > 0 ? [`${summary.failed} failed`] : []),
    ...(out === null ? [] : [`written to ${out}`]),
  ]
  return parts.join(', ')
}

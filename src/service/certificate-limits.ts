import { ablationOf, settingsSchema } from '../certificates/derandomized-smoothing/settings'
import { footprints, touchedRange, type Footprint } from '../certificates/footprint'
import { limitTable, normName } from '../certificates/smoothing-limits/explain'
import { pixelsOf } from '../engine/certify-smoothing/model-picture'
import { openModelStore } from '../engine/models/model-store'
import type { Locations } from '../engine/vision-job'
import type { Output } from '../shared/api'
import type { CertificateRecord } from '../shared/certificate-record'
import type { ModelCard } from '../shared/model-card'
import { planResize } from '../shared/vision/resize'

type WhyNot = Output<'certificates.whyNot'>
interface Frame {
  readonly width: number
  readonly height: number
}

/**
 * Why a certificate reaches no farther: the lead in the vote against what a patch of `size` pixels of the picture could
 * turn, the share of samples against what it must exceed, and what smoothing could certify at all.
 */
export async function whyNot(
  locations: Locations,
  record: CertificateRecord,
  frame: Frame | null,
  size: number | undefined,
): Promise<WhyNot> {
  const card = await cardOf(locations, record)
  const vote = voteOf(record, card)
  const asked = size ?? askedSize(record)
  return {
    ...{ vote, size: asked },
    patch:
      card && vote && frame && !vote.isCut ? patchNeed(record, card, vote, frame, asked) : null,
    share: shareOf(record),
    limits: card === null ? null : limitsOf(record, card),
  }
}

/** The card that the certificate was made with; null where the model is another one now, or gone. */
async function cardOf(
  locations: Locations,
  { modelId, modelDigest }: CertificateRecord,
): Promise<ModelCard | null> {
  const listings = await (await openModelStore(locations)).list()
  const card = listings.find(({ id, available }) => available && id === modelId)?.card
  return card?.sha256 === modelDigest ? (card ?? null) : null
}

/** What was asked about, or one more than is proven. */
function askedSize({ details = {}, radius = 0 }: CertificateRecord): number {
  const asked = details['asked']
  return typeof asked === 'number' ? asked : Number.isInteger(radius) ? radius + 1 : radius
}

function voteOf(
  { votes = {}, total = 0, details = {} }: CertificateRecord,
  card: ModelCard | null,
): WhyNot['vote'] {
  const orderOf = (name: string): number => card?.classes.indexOf(name) ?? 0
  const sorted = Object.entries(votes).sort(([p, m], [q, n]) => n - m || orderOf(p) - orderOf(q))
  const [first, second] = sorted
  if (!first || total === 0) return null
  // A class without votes that comes first in the list of classes wins a tie as well.
  const rivalFirst =
    second === undefined ? orderOf(first[0]) > 0 : orderOf(second[0]) < orderOf(first[0])
  const samples = details['samples']
  return {
    first: { class: first[0], votes: first[1] },
    second: second ? { class: second[0], votes: second[1] } : null,
    counted: typeof samples === 'number' ? samples : total,
    total,
    isCut: samples !== undefined,
    rivalFirst,
  }
}

/** For bands and blocks of which all are tried: the votes that a patch can turn, and the lead that it therefore takes. */
function patchNeed(
  record: CertificateRecord,
  card: ModelCard,
  vote: NonNullable<WhyNot['vote']>,
  frame: Frame,
  size: number,
): WhyNot['patch'] {
  if (record.method !== 'derandomized-smoothing') return null
  const parsed = settingsSchema.safeParse(record.params)
  if (!parsed.success || parsed.data.sampling !== 'all') return null
  const pixels = record.box
    ? pixelsOf(record.box, frame)
    : ([0, 0, frame.width, frame.height] as const)
  if (pixels === null) return null
  const [left, top, right, bottom] = pixels
  const plan = planResize(card.input, right - left, bottom - top)
  const { columns, rows } = footprints(card.input, plan)
  const axes =
    parsed.data.ablation === 'blocks'
      ? [columns, rows]
      : [parsed.data.ablation === 'rows' ? rows : columns]
  const { channels } = card.input
  const ablation = ablationOf(parsed.data, { channels, width: plan.width, height: plan.height })
  const largest = Math.max(...axes.map(({ first }) => first.length))
  const touched = (side: number): number =>
    ablation.affected(Math.max(1, ...axes.map((axis) => widestRun(axis, side))))
  const lead = vote.first.votes - (vote.second?.votes ?? 0)
  const need = (side: number): number => 2 * touched(side) + (vote.rivalFirst ? 1 : 0)
  // What a patch touches never shrinks as it grows.
  let [holdsUpTo, tooLarge] = [0, largest + 1]
  while (tooLarge - holdsUpTo > 1) {
    const side = Math.floor((holdsUpTo + tooLarge) / 2)
    if (need(side) <= lead) holdsUpTo = side
    else tooLarge = side
  }
  const side = Math.min(Math.max(1, Math.round(size)), largest)
  return {
    ...{ size: side, lead, touched: touched(side), need: need(side), largest },
    // Looked at place by place, a certificate may reach farther than by the worst place's count.
    holdsUpTo: Math.max(holdsUpTo, record.radius ?? 0),
  }
}

function widestRun(axis: Footprint, size: number): number {
  let widest = 0
  const places = Math.max(1, axis.first.length - size + 1)
  for (let place = 0; place < places; place++) {
    const range = touchedRange(axis, place, size)
    if (range !== null) widest = Math.max(widest, range[1] - range[0] + 1)
  }
  return widest
}

/** Of methods that draw samples: the share that is certain, and the half that it has to exceed. */
function shareOf({ details = {}, alpha }: CertificateRecord): WhyNot['share'] {
  const lower = details['lower']
  return typeof lower === 'number' && alpha !== undefined ? { lower, needed: 0.5, alpha } : null
}

/** Where the certificate names no noise, that which the literature has most figures for. */
const USUAL = { sigma: 0.25, samples: 100_000, alpha: 0.001 }
const NORMS = [2, Infinity]

/** What noise on each value of a picture of this size could certify at most, were all votes for one class. */
function limitsOf(
  { params = {}, alpha }: CertificateRecord,
  { input }: ModelCard,
): WhyNot['limits'] {
  const { channels, height, width } = input
  const sigma = typeof params['sigma'] === 'number' ? params['sigma'] : USUAL.sigma
  const samples =
    typeof params['estimation'] === 'number' && alpha !== undefined
      ? params['estimation']
      : USUAL.samples
  const dimension = channels * height * width
  const chance = alpha ?? USUAL.alpha
  const question = { dimension, sigma, samples, votes: samples, alpha: chance }
  const { rows } = limitTable(question, NORMS)
  return {
    ...{ channels, height, width, dimension, sigma, samples, alpha: chance },
    rows: rows.map(({ p, iid, gaussianAchieved }) => ({
      norm: normName(p),
      most: iid,
      gaussian: gaussianAchieved,
    })),
  }
}

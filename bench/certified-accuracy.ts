import { type Certification, certifyPicture } from '../src/engine/certify-smoothing/certify-picture'
import type { CertificateRecord } from '../src/shared/certificate-record'
import type { LabelledPicture } from './labelled-pictures'
import { median, printTable } from './measure'

const PATCHES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

/** Right, and right and certified against patches, by the rule of the paper and by ours. */
export async function patchAccuracy(
  certification: Certification,
  pictures: readonly LabelledPicture[],
  signal: AbortSignal,
): Promise<void> {
  const right = await rightOnes(certification, pictures, signal)
  const share = shareOf(right, pictures.length)
  console.log(
    `\n${certification.card.id}, ${pictures.length} test pictures: right ${share(() => true)}; right and certified\n`,
  )
  printTable(
    ['patch', 'by the worst place', 'by each place'],
    PATCHES.map((patch) => [
      `${patch}x${patch}`,
      share(({ details = {} }) => Number(details['modelRadius']) >= patch),
      share(({ radius = 0 }) => radius >= patch),
    ]),
  )
}

/** Right, and right and certified at radii; the median radius over all pictures, wrong ones and abstentions as 0. */
export async function radiusAccuracy(
  certification: Certification,
  pictures: readonly LabelledPicture[],
  radii: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  const right = await rightOnes(certification, pictures, signal)
  const share = shareOf(right, pictures.length)
  const { card, params } = certification
  const { selection, estimation, alpha } = params
  const samples =
    right[0]?.guarantee === 'deterministic'
      ? ''
      : `, ${String(selection)} + ${String(estimation)} samples, alpha ${String(alpha)}`
  const wrong = new Array<number>(pictures.length - right.length).fill(0)
  const middle = median([...wrong, ...right.map(({ radius = 0 }) => radius)])
  console.log(
    `\n${card.id}, ${pictures.length} test pictures${samples}: right ${share(() => true)}; median radius ${Number(middle.toFixed(3))} (${right[0]?.unit ?? 'none'})\n`,
  )
  printTable(
    ['radius', ...radii.map(String)],
    [
      [
        'right and certified',
        ...radii.map((least) => share(({ radius = 0 }) => radius >= least - 1e-12)),
      ],
    ],
  )
}

async function rightOnes(
  certification: Certification,
  pictures: readonly LabelledPicture[],
  signal: AbortSignal,
): Promise<CertificateRecord[]> {
  const right: CertificateRecord[] = []
  for (const { image, label } of pictures) {
    const record = await certifyPicture(certification, image, '', {}, { signal })
    if (record && record.class === certification.card.classes[label]) right.push(record)
  }
  return right
}

const shareOf =
  (right: readonly CertificateRecord[], pictures: number) =>
  (is: (record: CertificateRecord) => boolean): string =>
    `${((100 * right.filter(is).length) / pictures).toFixed(1)} %`

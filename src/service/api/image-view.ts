import { hash } from 'node:crypto'
import type { ImageResult } from '../../shared/api'
import { rleArea, rleFromText, type Detection } from '../../shared/vision'
import type { TryAnswer } from '../../engine/studio/messages'
import type { Run, RunDetection, RunItemDetail } from '../../store'
import { manifestOf } from '../detection-choice'

type Media = ImageResult['media']

/** What a run found in a picture, as screens see it. */
export function resultOf(run: Run, imageId: number, item: RunItemDetail): ImageResult {
  const { width, height, masks } = item
  const frame = width !== null && height !== null ? { width, height } : null
  const version = runVersion(run, item)
  const defense = manifestOf(run)?.defense?.id
  const kinds = [
    ...Object.keys(masks).map((name) => `mask-${name}`),
    // Only what was computed here can be computed again to be shown.
    ...(defense !== undefined && item.error === null ? ['removed'] : []),
    ...(defense === 'segment-and-complete' && item.error === null ? ['probability'] : []),
  ]
  return {
    found: item.found.map(detectionOf),
    before: item.change === null ? null : item.before.map(detectionOf),
    masks: frame === null ? [] : masksOf(masks, frame),
    notes: { ...item.notes },
    warnings: [...item.warnings],
    stages: item.stages.map(({ name, ms }) => ({ name, ms, reused: false })),
    error: item.error,
    media: mediaOf(imageId, kinds, version),
  }
}

export function draftResultOf(draft: string, imageId: number, tried: TryAnswer): ImageResult {
  const { masks, width, height, classNames } = tried
  const named = (found: Detection) => ({ ...found, class: classNames[found.classId] ?? '' })
  const kinds = [
    ...Object.keys(masks).map((name) => `mask-${name}`),
    ...(tried.isChanged ? ['removed'] : []),
    ...(tried.hasProbability ? ['probability'] : []),
  ]
  return {
    found: tried.detections.map((found) => detectionOf(named(found))),
    before: tried.before?.map((found) => detectionOf(named(found))) ?? null,
    masks: masksOf(masks, { width, height }),
    notes: { ...tried.notes },
    warnings: [...tried.warnings],
    stages: tried.stages.map((stage) => ({ ...stage })),
    error: null,
    media: mediaOf(imageId, kinds, `d${draft}`),
  }
}

/** Part of the address of what a run shows of a picture: it names the run. */
const runVersion = ({ id }: Run, { key }: RunItemDetail) =>
  `r${id}-${hash('sha256', key).slice(0, 12)}`

const mediaOf = (imageId: number, kinds: readonly string[], version: string): Media =>
  kinds.map((kind) => ({ imageId, kind, version }))

export function detectionOf({ box, score, classId, class: name }: RunDetection) {
  return { box: [...box] as [number, number, number, number], score, classId, class: name } // a copy of four numbers
}

function masksOf(
  masks: Readonly<Record<string, string>>,
  frame: { readonly width: number; readonly height: number },
): ImageResult['masks'] {
  return Object.entries(masks).map(([name, text]) => ({
    name,
    rle: { ...frame, text },
    areaFraction: rleArea(rleFromText(text, frame)) / (frame.width * frame.height),
  }))
}

import type { Output } from '../../shared/api'
import {
  boxToRle,
  intersectionArea,
  polygonsToRle,
  rleArea,
  rleUnion,
  type Rle,
} from '../../shared/vision'
import type { Project, ProjectPatch } from '../../store'
import { isKnownPatch, removedMask } from '../found-patches'
import type { Layer } from './layers'
import { layersOf, type ResultSubject } from './subject'

type Coverage = Output<'results.coverage'>

interface Sums {
  patch: number
  covered: number
  removed: number
  removedRightly: number
}

/** How much of every annotated patch the run took out. */
export function coverage(project: Project, subject: ResultSubject): Coverage {
  const { b } = layersOf(project, subject)
  if (!b) return { ...nothing, needs: 'run-b' }
  const { points, sums } = coverageOf(project, b)
  if (points.length === 0) return { ...nothing, needs: 'patch-annotations' }
  return {
    points,
    covered: sums.patch === 0 ? null : sums.covered / sums.patch,
    underNinety: points.filter(({ coveredFraction }) => coveredFraction < 0.9).length,
    falseFraction: sums.removed === 0 ? null : 1 - sums.removedRightly / sums.removed,
    needs: null,
  }
}

const nothing = { points: [], covered: null, underNinety: 0, falseFraction: null }

export function coverageOf(project: Project, layer: Layer) {
  const points: Coverage['points'] = []
  const sums: Sums = { patch: 0, covered: 0, removed: 0, removedRightly: 0 }
  for (const { imageId, item } of layer.images) {
    const { width, height } = item
    if (width === null || height === null) continue
    const frame = { width, height }
    const patches = knownPatches(project, imageId)
    if (patches.length === 0) continue
    const found = removedMask(project.runs.item(item.id))
    const truths: Rle[] = []
    for (const patch of patches) {
      const mask = patchRle(patch, frame)
      if (mask === null) continue
      truths.push(mask)
      const area = rleArea(mask)
      const covered = found === null ? 0 : intersectionArea(mask, found)
      sums.patch += area
      sums.covered += covered
      points.push({
        ...{ imageId, patchId: patch.id },
        sizeFraction: area / (width * height),
        coveredFraction: covered / area,
      })
    }
    const [first, ...others] = truths
    if (found === null || !first) continue
    sums.removed += rleArea(found)
    sums.removedRightly += intersectionArea(rleUnion(first, ...others), found)
  }
  return { points, sums }
}

/** What somebody has drawn, accepted or imported. */
export function knownPatches(project: Project, imageId: number): ProjectPatch[] {
  return project.patchesOf(imageId).filter(isKnownPatch)
}

/** Null where a patch has no pixel inside the frame, or a mask of another frame. */
function patchRle(
  { box, shape }: Pick<ProjectPatch, 'box' | 'shape'>,
  frame: { readonly width: number; readonly height: number },
): Rle | null {
  const mask =
    shape?.mask ?? (shape?.polygons ? polygonsToRle(shape.polygons, frame) : boxToRle(box, frame))
  const fits = mask.width === frame.width && mask.height === frame.height
  return fits && rleArea(mask) > 0 ? mask : null
}

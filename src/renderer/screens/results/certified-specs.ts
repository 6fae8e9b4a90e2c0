import type { Output } from '../../../shared/api'
import { certifiedShare, certifiedTable, type CertifiedShare } from '../../plots/certified-share'
import { certificateText as text } from '../../strings/certificates'
import { resultsText as words } from '../../strings/results'
import { showForeign } from '../../strings/ui'
import type { Behind } from './behind'
import type { PlotSpec } from './plot-specs'
import type { Results } from './results.svelte'

export type CertifiedCurve = Output<'certificates.curves'>['curves'][number]

/** One plot for each run and method, since methods are never ranked against each other. */
export function certifiedSpecs(results: Results): readonly PlotSpec[] {
  return (results.certified.value?.curves ?? []).map((curve) => certifiedSpec(results, curve))
}

export function certifiedSpec(results: Results, curve: CertifiedCurve): PlotSpec {
  const { kind, run, method, counted, tried } = curve
  const id = `certified-${run.id}-${method}` as const
  const share = shareOf(curve)
  const said = {
    ...{ size: text.size, share: text.proven, boxes: text.certificates, right: text.rightShort },
    series: text.place,
  }
  const proven = Math.max(...curve.series.map(({ steps }) => steps[0]?.count ?? 0))
  return {
    id,
    title: text.curve[kind],
    subtitle: text.curveDetail(method, showForeign(run.name)),
    note: [text.counted(counted, tried, kind), ...caveats(curve), text.curveNote[kind]].join(' · '),
    draw: curve.isModelStale ? null : (size) => certifiedShare(share, said, size),
    table: certifiedTable(share, said),
    summary: words.certifiedSummary(proven, counted),
    needs: curve.isModelStale ? text.staleModel : null,
    failure: null,
    choose: (ids) => {
      results.select(id, ids, behindCertified(curve, ids))
    },
  }
}

/** What has to be known to read the curve. */
function caveats({ asked, stale, method }: CertifiedCurve): string[] {
  return [
    ...(asked !== null && method !== 'objectseeker' ? [text.askedOne(asked)] : []),
    ...(stale > 0 ? [text.stalePictures(stale)] : []),
  ]
}

function shareOf({ series, unit, right }: CertifiedCurve): CertifiedShare {
  return {
    // "pixels of the picture, width of the patch" stands in the details; on an axis there is room for the unit alone.
    unit: /^(px|pixels)\b/.test(unit) ? 'px' : shortUnit(unit),
    right,
    series: series.map(({ id, steps }) => ({
      ...{ id, steps },
      name: id === 'all' ? '' : text.seen[id],
    })),
  }
}

const shortUnit = (unit: string): string => unit.split(/[ ,(]/)[0] ?? unit

/** Points are `SERIES/INDEX`: behind several of one line are the pictures of the least size. */
export function behindCertified(
  { run, method, series }: Pick<CertifiedCurve, 'run' | 'method' | 'series'>,
  ids: ReadonlySet<string>,
): Behind[] {
  return series.flatMap(({ id, steps }): Behind[] => {
    const sizes = steps.filter((_, index) => ids.has(`${id}/${index}`)).map(({ size }) => size)
    if (sizes.length === 0) return []
    return [{ kind: 'certified', run: run.id, method, series: id, size: Math.min(...sizes) }]
  })
}

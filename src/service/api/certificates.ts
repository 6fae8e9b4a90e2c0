import type { ApiCertificate, Output } from '../../shared/api'
import type { CertificateRecord } from '../../shared/certificate-record'
import { rowUnknown } from '../../store/store-errors'
import { listCertificates, pageOfCertificates } from '../certificate-list'
import { whyNot } from '../certificate-limits'
import { certificateMethods } from '../certificate-methods'
import type { Staleness } from '../certificate-staleness'
import {
  beginCertification,
  planCertification,
  prepareCertification,
  type CertificationRequest,
} from '../certificate-start'
import type { Context } from '../context'
import { allRuns } from '../run-order'
import { refuseTwice } from './run-busy'
import type { HandlersOf } from './handler'
import { pageOf } from './library'
import { msPerImage, runOf } from './run-view'
import { resolvedFilter } from './selection'

export const certificateHandlers: HandlersOf<'certificates'> = {
  async 'certificates.ofImage'({ project, digests }, { id, run, alsoOthers = false }) {
    project.images.get(id)
    const question = { imageId: id, runId: run, alsoOthers: alsoOthers || run === null }
    const listed = await listCertificates(project, digests, question)
    return {
      certificates: listed.map((one) =>
        shown(one, { runId: one.runId, runName: one.runName, imageId: id, stale: one.stale }),
      ),
    }
  },
  async 'certificates.ofRun'({ project, digests }, { run, certified, ...page }) {
    const { name } = project.runs.get(run)
    const filter = { run, certified }
    const { rows, next } = await pageOfCertificates(project, digests, filter, pageOf(page))
    return {
      rows: rows.map((one) =>
        shown(one, { runId: run, runName: name, imageId: one.memberId, stale: one.stale }),
      ),
      next,
    }
  },
  'certificates.summary': ({ project }, { run }) => {
    project.runs.get(run)
    const methods = new Map<
      string,
      { method: string; certified: number; tried: number; unit: string }
    >()
    for (const certified of [true, false]) {
      for (let after: string | null = null; ;) {
        const page = project.certificates({ run, certified }, { limit: 1_000, after })
        for (const { method, unit } of page.rows) {
          const sum = methods.get(method) ?? { method, certified: 0, tried: 0, unit }
          sum.tried++
          if (certified) sum.certified++
          methods.set(method, sum)
        }
        if (page.next === null) break
        after = page.next
      }
    }
    return { methods: [...methods.values()] }
  },
  async 'certificates.methods'({ locations }) {
    return { methods: await certificateMethods(locations) }
  },
  async 'certificates.plan'(context, request, signal) {
    const prepared = await prepareCertification(context, request, signal)
    const plan = planCertification(context, prepared)
    const pace = paceOf(context, request)
    return { ...plan, aboutMs: pace === null ? null : pace * plan.toDo }
  },
  async 'certificates.start'(context, { name, ...request }, signal) {
    const prepared = await prepareCertification(context, request, signal)
    const { sameRun } = planCertification(context, prepared)
    refuseTwice(context, sameRun ?? undefined)
    const { run, job } = beginCertification(context, name, prepared)
    return { run: runOf(context, run), jobId: job.id }
  },
  async 'certificates.curves'(context, { run, filter }, signal) {
    const { ids } = await resolvedFilter(context, filter, null, signal)
    const asked = { run, ...(ids === undefined ? {} : { filter: { ids: [...ids] } }) }
    const { curves } = await context.reader.ask('certificates.curves', asked, signal)
    return { curves: await Promise.all(curves.map((one) => withModelNow(context, one))) }
  },
  async 'certificates.whyNot'({ project, locations }, { id, run, certificate, size }) {
    const record = project.certificatesOfImage(run, id).find((one) => one.id === certificate)
    if (!record) throw rowUnknown('certificate', certificate)
    const item = project.runs.itemOfImage(run, id)
    const { width = null, height = null } = item ?? {}
    const frame = width === null || height === null ? null : { width, height }
    return whyNot(locations, record, frame, size)
  },
}

type Curve = Output<'certificates.curves'>['curves'][number]

async function withModelNow({ digests }: Context, curve: Curve): Promise<Curve> {
  const now = await digests.ofModel(curve.model?.id)
  return { ...curve, isModelStale: now !== (curve.model?.digest ?? null) }
}

/** Milliseconds a picture of the latest run with this method and model, on all its workers together. */
function paceOf(context: Context, { method, model }: CertificationRequest): number | null {
  for (const run of allRuns(context.project, 'certify')) {
    const view = runOf(context, run)
    if (run.manifest['method'] !== method || view.detector !== model) continue
    const ms = msPerImage(context, run)
    if (ms !== null) return ms
  }
  return null
}

function shown(
  record: CertificateRecord & { readonly id: number },
  about: { runId: number; runName: string; imageId: number | null; stale: Staleness },
): ApiCertificate {
  const { id, method, statement, threat, certified, unit, box } = record
  return {
    ...{ id, method, statement, threat, certified, unit },
    ...{ runId: about.runId, runName: about.runName, imageId: about.imageId },
    stale: [...about.stale],
    objectId: record.objectId ?? null,
    box: box ? [...box] : null,
    boxClass: record.boxClass ?? null,
    class: record.class ?? null,
    radius: record.radius ?? null,
    alpha: record.alpha ?? null,
    guarantee: record.guarantee ?? null,
    assumptions: [...record.assumptions],
    votes: record.votes ? { ...record.votes } : null,
    total: record.total ?? null,
    params: { ...record.params } as ApiCertificate['params'], // JSON values, of which zod has another type
    details: { ...record.details } as ApiCertificate['details'], // as above
    modelId: record.modelId ?? null,
    modelDigest: record.modelDigest ?? null,
  }
}

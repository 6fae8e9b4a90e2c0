import { openModelStore } from '../../engine/models/model-store'
import type { ApiCertificate } from '../../shared/api'
import type { CertificateRecord } from '../../shared/certificate-record'
import { listCertificates, type Staleness } from '../certificate-list'
import type { HandlersOf } from './handler'
import { pageOf } from './library'

export const certificateHandlers: HandlersOf<'certificates'> = {
  async 'certificates.ofImage'({ project, locations }, { id, run }) {
    project.images.get(id)
    const models = await openModelStore(locations)
    const listed = await listCertificates(project, models, { imageId: id, runId: run })
    return {
      certificates: listed.map((one) =>
        shown(one, { runId: one.runId, runName: one.runName, imageId: id, stale: one.stale }),
      ),
    }
  },
  'certificates.ofRun': ({ project }, { run, certified, ...page }) => {
    const { name } = project.runs.get(run)
    const { rows, next } = project.certificates({ run, certified }, pageOf(page))
    return {
      rows: rows.map((one) =>
        shown(one, { runId: run, runName: name, imageId: one.memberId, stale: [] }),
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
}

function shown(
  record: CertificateRecord,
  about: { runId: number; runName: string; imageId: number | null; stale: Staleness },
): ApiCertificate {
  const { method, statement, threat, certified, unit, box } = record
  return {
    ...{ method, statement, threat, certified, unit },
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

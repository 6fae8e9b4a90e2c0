import { afterAll, expect } from 'vitest'
import {
  type Certification,
  certifyPicture,
  type Subject,
} from '../../../src/engine/certify-smoothing/certify-picture'
import {
  certifierFor,
  certifierSettings,
} from '../../../src/engine/certify-smoothing/certifier-settings'
import { sampleModel } from '../../../src/engine/certify-smoothing/sample-model'
import { openModelStore } from '../../../src/engine/models/model-store'
import { createModelHost } from '../../../src/engine/models/sessions'
import type { CertificateRecord } from '../../../src/shared/certificate-record'
import { parseClassifierCard } from '../../../src/shared/plugin/classifier-card'
import type { RgbImage } from '../../../src/shared/vision'
import { permanentFolder } from '../../support/permanent-folder'
import { packageRoot } from '../../support/program'

export const { signal } = new AbortController()

/** The shipped models, for the tests of one file, and ways to certify with them. */
export function shippedModels(name: string) {
  const folder = permanentFolder(name)
  const locations = { packageRoot, projectDir: folder, cacheDir: folder }
  const models = openModelStore(locations).then((store) => createModelHost({ store, threads: 1 }))
  afterAll(async () => {
    await (await models).release()
  })
  const certificationOf = async (
    model: string,
    method: string,
    given: Readonly<Record<string, unknown>> = {},
  ): Promise<Certification> => {
    const loaded = await (await models).load(model)
    const card = parseClassifierCard(loaded.card)
    const certifier = certifierFor(method)
    const params = certifierSettings(certifier, card, given)
    return { certifier, params, card, model: sampleModel(loaded, card) }
  }
  return { models, certificationOf }
}

/** Of a picture, or of a box inside it. */
export async function certify(
  certification: Certification,
  image: RgbImage,
  subject: Subject = {},
): Promise<CertificateRecord> {
  const record = await certifyPicture(certification, image, 'digest', subject, { signal })
  if (record === null) return expect.unreachable('the box lies outside of the picture')
  return record
}

import { readdirSync, readFileSync } from 'node:fs'
import type { VectorDocument } from './compare'

const folder = new URL('../../fixtures/certificates/', import.meta.url)

/** All files of reference cases of certificates. */
export function readVectors(): VectorDocument[] {
  return readdirSync(folder)
    .map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as VectorDocument) // ours
    .filter(({ schema }) => schema === 'certificate-vectors/1')
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { modelCardSchema } from '../../shared/model-card'
import type { ModelCard } from '../../shared/model-card'
import { modelCardInvalid } from '../../shared/model-errors'
import { errorCode, reasonOf } from '../files/read-file'

const catalogSchema = z.strictObject({
  version: z.literal(1),
  models: z.array(
    z.strictObject({
      sizeBytes: z.int().min(1),
      /** Commit or release of the origin that the file was taken from. */
      commit: z.string().min(5),
      /** Where the very same bytes can be downloaded, tried in this order. */
      addresses: z.array(z.url({ protocol: /^https?$/ })).default([]),
      /** Why there is no address, and what to do. */
      byHand: z.string().min(1).optional(),
      card: modelCardSchema,
    }),
  ),
})

export type CatalogEntry = z.infer<typeof catalogSchema>['models'][number]

/**
 * Cards of well-known third-party models, found by the digest of the file, and where to get them. The weights are not
 * part of the package.
 */
export interface Catalog {
  readonly entries: readonly CatalogEntry[]
  bySha256(sha256: string): ModelCard | undefined
  byId(id: string): CatalogEntry | undefined
}

/** `models/catalog.json` of the package; empty where there is none. @throws AppError E_MODEL_CARD_INVALID */
export async function readCatalog(packageRoot: string): Promise<Catalog> {
  const path = join(packageRoot, 'models', 'catalog.json')
  const entries = await readEntries(path)
  const find = (key: 'id' | 'sha256', value: string) =>
    entries.find(({ card }) => card[key] === value)
  return {
    entries,
    bySha256: (sha256) => find('sha256', sha256)?.card,
    byId: (id) => find('id', id),
  }
}

async function readEntries(path: string): Promise<readonly CatalogEntry[]> {
  try {
    return catalogSchema.parse(JSON.parse(await readFile(path, 'utf8'))).models
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw modelCardInvalid(path, reasonOf(error), error)
  }
}

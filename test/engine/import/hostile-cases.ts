import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export const hostileFolder = join(import.meta.dirname, '../../fixtures/miniatures/hostile')

const shared = {
  decision: z.enum(['accept', 'accept-with-warning', 'skip-record', 'skip-file', 'refuse-import']),
  code: z.string().nullable(),
  or_code: z.string().optional(),
  what: z.string(),
}
const counts = z.union([
  z.number(),
  z.object({
    images: z.number().optional(),
    annotations: z.number().optional(),
    missing: z.number().optional(),
  }),
])
const manifest = z
  .object({
    files: z.array(
      z.object({
        ...shared,
        path: z.string(),
        imported: counts.optional(),
        stored_size: z.tuple([z.number(), z.number()]).optional(),
        displayed_size: z.tuple([z.number(), z.number()]).optional(),
        bbox_xywh: z.array(z.number()).optional(),
      }),
    ),
    made_at_test_time: z.array(
      z.object({
        ...shared,
        make: z.string(),
        name: z.string().optional(),
        names: z.array(z.string()).optional(),
        name_hex: z.string().optional(),
        links: z.array(z.tuple([z.string(), z.string()])).optional(),
        mode: z.string().optional(),
        copy_of: z.string().optional(),
        platforms: z.array(z.string()).optional(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(hostileFolder, 'manifest.json'), 'utf8')))

export type FileCase = (typeof manifest.files)[number]
export type MadeCase = (typeof manifest.made_at_test_time)[number]
export const fileCases: readonly FileCase[] = manifest.files
export const madeCases: readonly MadeCase[] = manifest.made_at_test_time

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
})

/** The program's own parts from other people, with their licences, as their packages state them. */
export function parts(packageRoot: string): { name: string; version: string; licence: string }[] {
  const own = readPackage(packageRoot)
  return Object.keys(own?.dependencies ?? {}).flatMap((name) => {
    const found = readPackage(join(packageRoot, 'node_modules', name))
    return found ? [{ name, version: found.version, licence: found.license ?? 'unknown' }] : []
  })
}

function readPackage(folder: string): z.infer<typeof packageSchema> | null {
  try {
    return packageSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
  } catch {
    return null // an installation may leave out what it does not need
  }
}

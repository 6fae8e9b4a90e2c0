import type { z } from 'zod'
import type { FileSource, ImportRecord } from '../../src/shared/dataset'
import type { ImporterPlugin } from '../../src/shared/plugin'

/** Everything an importer yields, by kind. */
export async function importAll<P extends z.ZodObject>(
  importer: Pick<ImporterPlugin<P>, 'read' | 'params'>,
  files: FileSource,
  params: z.input<P> | Record<string, never> = {},
) {
  const records: ImportRecord[] = []
  for await (const record of importer.read(files, importer.params.parse(params))) {
    records.push(record)
  }
  return {
    records,
    categories: records.flatMap((r) => (r.kind === 'category' ? [r.category] : [])),
    images: records.flatMap((r) => (r.kind === 'image' ? [r.image] : [])),
    objects: records.flatMap((r) => (r.kind === 'object' ? [r] : [])),
    patches: records.flatMap((r) => (r.kind === 'patch' ? [r] : [])),
    problems: records.flatMap((r) => (r.kind === 'problem' ? [r.problem] : [])),
  }
}

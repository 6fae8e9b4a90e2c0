import type { z } from 'zod'
import type { FileSource } from '../../shared/dataset/file-source'
import type { ImportRecord } from '../../shared/dataset/records'
import type { ImporterPlugin } from '../../shared/plugin/kinds'
import { importTools } from './import-tools'

/** What an importer reads, in lists: its own, or of one record each. */
export function importBatches<P extends z.ZodObject>(
  importer: ImporterPlugin<P>,
  source: FileSource,
  params: z.infer<P>,
  maxPixels?: number,
): AsyncIterable<readonly ImportRecord[]> {
  const tools = importTools(source, maxPixels)
  return importer.readInBatches
    ? importer.readInBatches(source, params, tools)
    : eachAlone(importer.read(source, params, tools))
}

async function* eachAlone<T>(records: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  for await (const record of records) yield [record]
}

import { z } from 'zod'
import type { FileSource, ImportRecord } from '../../shared/dataset'
import { defineImporter } from '../../shared/plugin'
import { csvHeader } from '../reading/csv-header'
import { noAnnotations } from '../reading/no-annotations'
import { isBoxTable } from './columns'
import { TableReader } from './table-reader'

export default defineImporter({
  id: 'box-table',
  name: 'Table of boxes',
  summary: 'CSV with a row for each box: image, label and corners in pixels, and maybe a score.',
  reference: 'RFC 4180',
  params: z.object({}),
  async recognizes(files) {
    const tables = await tablesOf(files)
    if (tables.length === 0) return { certainty: 0, summary: 'No tables of boxes.' }
    const count = tables.length === 1 ? 'One table' : `${tables.length} tables`
    return { certainty: 0.6, summary: `${count} of boxes in pixels` }
  },
  async *read(files): AsyncGenerator<ImportRecord> {
    const tables = await tablesOf(files)
    if (tables.length === 0) {
      throw noAnnotations(
        files,
        'no table with the columns image, label, xmin, ymin, xmax and ymax',
        'Name the columns so, or give another --format.',
      )
    }
    const reader = await TableReader.of(files)
    for (const table of tables) yield* reader.read(table)
  },
})

async function tablesOf(files: FileSource): Promise<readonly string[]> {
  const tables: string[] = []
  for await (const name of files.list()) {
    if (!/\.csv$/i.test(name) || (files.entry !== null && files.entry !== name)) continue
    if (isBoxTable((await csvHeader(files, name)).map((cell) => cell.trim()))) tables.push(name)
  }
  return tables
}

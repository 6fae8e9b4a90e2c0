import { readdirSync, statSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { datasetExporters, exporters } from '../datasets'
import { targetNotEmpty } from '../engine/export/export-errors'
import { reportContent } from '../engine/export/report-content'
import { writeExport } from '../engine/export/write-export'
import { AppError } from '../shared/errors'
import { parseSettings, type Report } from '../shared/plugin'
import { tellLosses } from './losses'

/** Formats of results: those of reports, and those of data sets, whose files may be a folder. */
export const resultFormats = [...new Set([...exporters.keys(), ...datasetExporters.keys()])].sort()

/** The report format of results; null if the format that was asked for is one of data sets. */
export function exporterFor(flags: { readonly out?: string; readonly format?: string }) {
  const ending = extname(flags.out ?? '')
    .slice(1)
    .toLowerCase()
  const id = flags.format ?? (exporters.has(ending) ? ending : 'coco')
  const plugin = exporters.get(id)
  return plugin ? { plugin, params: parseSettings(id, plugin.params, []) } : null
}

/** The folder that the files of a format of data sets go to; null for formats that are one file or stream. */
export function folderOfResults(format: string, out: string | undefined): string | null {
  if (exporters.has(format) || datasetExporters.get(format)?.fileName !== null) return null
  if (out !== undefined) return out
  throw new AppError(
    'E_USAGE',
    `results in the format ${format} are a folder of files, and no folder was given`,
    `Give one: --out DIR.`,
  )
}

/** Tells before any work is done that a folder of results is taken. @throws AppError E_TARGET_NOT_EMPTY */
export function requireFreeFolder(folder: string): void {
  const stats = statSync(folder, { throwIfNoEntry: false })
  if (stats && (!stats.isDirectory() || readdirSync(folder).length > 0))
    throw targetNotEmpty(folder)
}

/** Writes results in a format of data sets, after telling what it cannot hold. */
export async function writeAsDataset(
  format: string,
  report: Report,
  out: string | undefined,
): Promise<void> {
  const plugin = datasetExporters.get(format)
  if (!plugin) throw new TypeError(`the format ${format} was accepted and is not there`)
  const content = reportContent(report, basename(out ?? 'detections', extname(out ?? '')))
  const params = parseSettings(format, plugin.params, [])
  const target =
    out === undefined
      ? {
          kind: 'stream' as const,
          write: (piece: string | Uint8Array) => process.stdout.write(piece),
        }
      : { kind: 'path' as const, path: out }
  const { renamed } = await writeExport(content, plugin, params, target, {
    onLosses: tellLosses,
    replace: plugin.fileName !== null,
  })
  for (const { from, to } of renamed.slice(0, 3)) {
    process.stderr.write(`renamed: ${from} is ${to} in the results\n`)
  }
}

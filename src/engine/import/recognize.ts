import { importers as allImporters } from '../../datasets'
import { AppError } from '../../shared/errors'
import type { FileSource } from '../../shared/dataset/file-source'
import { showPath } from '../../shared/image-errors'
import type { ImporterPlugin, Recognition } from '../../shared/plugin/kinds'

export interface Candidate extends Recognition {
  readonly importer: ImporterPlugin
}

type Importers = ReadonlyMap<string, ImporterPlugin>

/** Endings of files that stand for the data set around them. Any other file that is named is not one, whatever is beside it. */
const dataEnding =
  /\.(?:jsonl?|xml|csv|txt|ya?ml|h5|hdf5|pth?|pkl|npy|jpe?g|png|webp|bmp|gif|tiff?)$/i

/**
 * Which formats the files may have, the most certain first; formats that they do not have are left out. An importer that
 * fails while it looks does not keep the others from looking: it comes last, with certainty 0 and the reason as summary.
 * @throws AppError E_ARCHIVE_… for an archive that turns out to be damaged
 */
export async function recognize(
  source: FileSource,
  importers: Importers = allImporters,
): Promise<readonly Candidate[]> {
  if (source.entry !== null && !dataEnding.test(source.entry)) return []
  const candidates: Candidate[] = []
  for (const importer of importers.values()) {
    try {
      const { certainty, summary } = await importer.recognizes(source)
      if (certainty > 0) candidates.push({ importer, certainty, summary })
    } catch (error) {
      if (error instanceof AppError && error.code.startsWith('E_ARCHIVE_')) throw error
      const reason = error instanceof Error ? error.message : String(error)
      candidates.push({ importer, certainty: 0, summary: `It could not be looked at: ${reason}` })
    }
  }
  // The map is sorted by id, and sorting is stable: equal certainty gives the same order everywhere.
  return candidates.sort((a, b) => b.certainty - a.certainty)
}

/**
 * The importer that the user insists on, or else the one that fits best.
 * @throws AppError E_FORMAT_UNKNOWN, E_FORMAT_NOT_RECOGNIZED
 */
export async function chooseImporter(
  source: FileSource,
  format: string | null,
  importers: Importers = allImporters,
): Promise<ImporterPlugin> {
  if (format !== null) {
    const importer = importers.get(format)
    if (importer !== undefined) return importer
    throw new AppError(
      'E_FORMAT_UNKNOWN',
      `There is no format "${format}".`,
      `Choose one of ${[...importers.keys()].join(', ')}.`,
    )
  }
  const candidates = await recognize(source, importers)
  const [best] = candidates
  if (best !== undefined && best.certainty > 0) return best.importer
  if (source.entry === null && (await isEmpty(source))) throw nothingInIt(source.rootName)
  const faults = candidates.map(({ importer, summary }) => ` ${importer.name}: ${summary}`)
  throw new AppError(
    'E_FORMAT_NOT_RECOGNIZED',
    `${source.entry === null ? `What is in ${source.rootName}` : showPath(source.entry)} is no data set of a known format.${faults.join('')}`,
    `Name the folder that holds the pictures and annotations, or insist with --format: ${[...importers.keys()].join(', ')}.`,
  )
}

async function isEmpty(source: FileSource): Promise<boolean> {
  for await (const _ of source.list()) return false
  return true
}

const nothingInIt = (folder: string) =>
  new AppError(
    'E_FORMAT_NOT_RECOGNIZED',
    `There is no file in ${showPath(folder)} that could be imported.`,
    'Choose a folder, or a ZIP archive, of photographs (JPEG, PNG, WebP) or with a data set such as COCO, YOLO or Pascal VOC.',
  )

import { statSync } from 'node:fs'
import type { FileContents } from '../engine/import/check-picture'
import type { CheckedImage, CheckedRecord, ImportCounts } from '../engine/import/checked-records'
import type { ImportReport } from '../engine/import/import-report'
import type { FoundContent } from '../store/content-writer'
import type { StoredRecord } from '../store/import-writer'

/** Turns what the import pipeline yields into what the store takes, and notes problems and final counts on the way. */
export async function* storedRecords(
  batches: AsyncIterable<readonly CheckedRecord[]>,
  report: ImportReport,
  steps: {
    readonly onImage?: (images: number) => void
    readonly onEnd: (counts: ImportCounts) => void
  },
): AsyncGenerator<readonly StoredRecord[]> {
  let images = 0
  for await (const records of batches) {
    const stored: StoredRecord[] = []
    for (const record of records) {
      switch (record.kind) {
        case 'image': {
          const { image } = record
          stored.push({ kind: 'image', image: plainImage(image), content: contentOf(image) })
          steps.onImage?.(++images)
          break
        }
        case 'end':
          report.finish(record.counts)
          steps.onEnd(record.counts)
          break
        case 'problem':
          report.add(record.problem)
          stored.push(record)
          break
        default:
          stored.push(record)
      }
    }
    yield stored
  }
}

/** Without what is stored with the file. */
function plainImage({ contents: _contents, contentId: _contentId, ...image }: CheckedImage) {
  return image
}

function contentOf({ contents }: CheckedImage): FoundContent | null {
  if (contents === null) return null
  const { sha256, bytes, format, stored, orientation } = contents
  // Rows of HDF5 files have sizes of their own; the file has none.
  const { width, height } = stored ?? { width: 0, height: 0 }
  const turned = orientation >= 5
  return {
    sha256,
    sizeBytes: bytes,
    storedWidth: width,
    storedHeight: height,
    width: turned ? height : width,
    height: turned ? width : height,
    orientation,
    format,
    modifiedMs: modifiedMs(contents),
  }
}

function modifiedMs({ path }: FileContents): number | null {
  const target = typeof path === 'string' ? path : Buffer.from(path)
  const stats = statSync(target, { throwIfNoEntry: false })
  return stats === undefined ? null : Math.trunc(stats.mtimeMs)
}

import { z } from 'zod'
import type { FileSource, ImportRecord } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { defineImporter } from '../../shared/plugin'
import { noAnnotations } from '../reading/no-annotations'
import { PictureIndex } from '../reading/pictures'
import { readBoxes } from './boxes'
import { ClassNames } from './classes'
import { ImageList } from './images'
import { MaskList } from './masks'
import { findTables } from './tables'

export default defineImporter({
  id: 'open-images',
  name: 'Open Images',
  summary: 'CSV tables of boxes and masks with class codes, beside the pictures.',
  reference: 'https://storage.googleapis.com/openimages/web/download_v7.html',
  params: z.object({
    unlisted: z
      .boolean()
      .default(true)
      .describe('Also take the pictures that no table names, as pictures without objects'),
  }),
  async recognizes(files) {
    const { boxes, masks } = await findTables(files)
    if (boxes.length + masks.length === 0)
      return { certainty: 0, summary: 'No Open Images tables.' }
    const count = (list: readonly string[], what: string) =>
      `${list.length} ${list.length === 1 ? 'table' : 'tables'} of ${what}`
    const summary = `Open Images with ${count(boxes, 'boxes')} and ${count(masks, 'masks')}`
    return { certainty: 0.95, summary }
  },
  read: readOpenImages,
})

async function* readOpenImages(
  files: FileSource,
  { unlisted }: { unlisted: boolean },
): AsyncGenerator<ImportRecord> {
  const tables = await findTables(files)
  if (tables.boxes.length + tables.masks.length === 0) throw noTables(files)
  const classes = new ClassNames(files)
  for (const table of tables.classes) yield* classes.read(table)
  const images = new ImageList(files, await PictureIndex.of(files))
  for (const table of tables.images) yield* images.read(table)
  const masks = new MaskList(files)
  for (const table of tables.masks) yield* masks.read(table)
  for (const table of tables.boxes) yield* readBoxes(files, table, classes, images, masks)
  yield* masks.withoutBox(classes, images)
  if (unlisted) yield* images.unlisted(masks.isMask)
}

function noTables(files: FileSource): AppError {
  return noAnnotations(
    files,
    'no table with the columns ImageID, LabelName, XMin, XMax, YMin and YMax',
    'Give the folder with the annotations-bbox.csv of Open Images, or another --format.',
  )
}

import { z } from 'zod'
import type { FileSource, ImportRecord } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { defineImporter } from '../../shared/plugin'
import { jsonFiles, surveyStart } from '../reading/first-bytes'
import { noAnnotations } from '../reading/no-annotations'
import { lastPart, PictureIndex } from '../reading/pictures'
import { LabelsReader } from './labels-reader'

export default defineImporter({
  id: 'fiftyone',
  name: 'FiftyOne detection layout',
  summary: 'One labels.json with boxes as fractions, and the pictures in a folder named data.',
  reference: 'https://docs.voxel51.com/user_guide/dataset_creation/datasets.html',
  params: z.object({
    unlisted: z
      .boolean()
      .default(true)
      .describe('Also take the pictures in data that labels.json does not name, as unlabelled'),
  }),
  async recognizes(files) {
    const { layouts, natives } = await findFiles(files)
    if (layouts.length > 0) {
      const count = layouts.length === 1 ? 'labels.json' : `${layouts.length} labels.json`
      return { certainty: 0.95, summary: `FiftyOne detections in ${count}` }
    }
    // Recognised so that the advice is given; nothing else can read it either.
    if (natives.length > 0) {
      return { certainty: 0.5, summary: "FiftyOne's native export, which cannot be read" }
    }
    return { certainty: 0, summary: 'No FiftyOne labels.' }
  },
  async *read(files, { unlisted }): AsyncGenerator<ImportRecord> {
    const { layouts, natives } = await findFiles(files)
    if (layouts.length === 0) throw natives[0] ? nativeExport(natives[0]) : noLabels(files)
    const reader = new LabelsReader(files, await PictureIndex.of(files))
    for (const file of layouts) yield* reader.read(file)
    if (unlisted) for (const file of layouts) yield* reader.unlisted(file)
  },
})

interface Found {
  readonly layouts: readonly string[]
  readonly natives: readonly string[]
}

/** A layout has `labels` as an object; the native export has `samples` as a list. */
async function findFiles(files: FileSource): Promise<Found> {
  const layouts: string[] = []
  const natives: string[] = []
  for await (const name of jsonFiles(files)) {
    const isNamed = files.entry !== null
    const base = lastPart(name).toLowerCase()
    if (!isNamed && base !== 'labels.json' && base !== 'samples.json') continue
    const { members } = await surveyStart(files, name)
    if (members.some(({ key, kind }) => key === 'labels' && kind === 'object')) layouts.push(name)
    else if (members.some(({ key, kind }) => key === 'samples' && kind === 'list'))
      natives.push(name)
  }
  return { layouts, natives }
}

const nativeExport = (name: string) =>
  new AppError(
    'E_FORMAT_UNSUPPORTED',
    `${showPath(name)} is FiftyOne's native export, a copy of its database that only FiftyOne can read.`,
    'In FiftyOne, export with dataset_type=fiftyone.types.FiftyOneImageDetectionDataset or COCODetectionDataset.',
  )

const noLabels = (files: FileSource) =>
  noAnnotations(
    files,
    'no labels.json with an object "labels"',
    'Give the folder that holds labels.json and data, or another --format.',
  )

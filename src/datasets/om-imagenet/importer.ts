import { z } from 'zod'
import type { FileSource, ImportProblem, ImportRecord } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { defineImporter } from '../../shared/plugin'
import { isHdf5, isNominal, readRow, rowCount } from '../reading/hdf5'
import { problemRecord, skipBecause, skipFile, skipRecord, warning } from '../reading/problems'
import { openClassFile, type ClassData } from './check-datasets'
import { classes } from './classes'
import { findClassFiles, type ClassFile } from './find-files'

const params = z.object({
  split: z.enum(['all', 'train', 'test']).default('all').describe('Which pictures to import'),
  checkNumbers: z
    .boolean()
    .default(true)
    .describe('Read every row and leave out those with numbers that are not finite'),
})

export default defineImporter({
  id: 'om-imagenet',
  name: 'OM-ImageNet',
  summary:
    'Pictures on the manifold of a generator, ten classes, in HDF5 files that stay where they are.',
  reference: 'Lin et al., Dual Manifold Adversarial Robustness, NeurIPS 2020',
  params,
  async recognizes(files) {
    const found = (await findClassFiles(files)).filter(({ classId }) => classId !== null)
    const [first] = found
    if (!first || !isHdf5(await files.readAt(first.file, 0, 8))) {
      return { certainty: 0, summary: 'No HDF5 files named 0.h5 to 9.h5.' }
    }
    const inSplits = found.every(({ split }) => split !== null)
    const summary = `${found.length} HDF5 files of OM-ImageNet.`
    return { certainty: inSplits ? 0.96 : 0.7, summary }
  },
  async *read(files, { split, checkNumbers }) {
    const found = await findClassFiles(files)
    if (found.length === 0) throw noFiles(files.rootName)
    const seen = new Set<string>()
    for (const one of found) {
      if (split !== 'all' && one.split !== null && one.split !== split) continue
      try {
        yield* fileRecords(files, one, seen, checkNumbers)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        yield problemRecord(skipBecause('skip-file', { file: one.file }, error))
      }
    }
  },
})

async function* fileRecords(
  files: FileSource,
  { file, split, prefix, classId }: ClassFile,
  seen: Set<string>,
  checkNumbers: boolean,
): AsyncGenerator<ImportRecord> {
  const known = classId === null ? undefined : classes[classId]
  if (!known) {
    const message = `The name of ${showPath(file)} is not one digit, which tells the class.`
    yield problemRecord(skipFile({ file }, 'E_CLASS_FROM_NAME', message))
    return
  }
  const start = `${prefix}${split === null ? '' : `${split}/`}${classId}`
  if (seen.has(start)) {
    const message = `${showPath(file)} is a second file of its class and split.`
    yield problemRecord(skipFile({ file }, 'E_DUPLICATE_IMAGE_ID', message))
    return
  }
  seen.add(start)
  const data = await openClassFile(files, file)
  const told: ImportProblem[] = [...data.problems]
  for (let index = 0; index < rowCount(data.images); index++) {
    if (checkNumbers) {
      const fault = await rowFault(data, index, file)
      if (fault?.decision === 'skip-record') {
        yield problemRecord(fault)
        told.length = 0
        continue
      }
      // One line a file is enough, and what pictures are like matters more than latents.
      if (fault && !told.some(({ code }) => code === fault.code)) told.splice(0, told.length, fault)
    }
    yield { kind: 'image', image: imageOf(data, { file, split, classId, start, index, known }) }
  }
  for (const problem of told) yield problemRecord(problem)
}

function imageOf(
  { side, latents }: ClassData,
  row: {
    readonly file: string
    readonly split: string | null
    readonly classId: number | null
    readonly start: string
    readonly index: number
    readonly known: { readonly name: string; readonly wordnet: string }
  },
) {
  const { file, split, classId, start, index, known } = row
  return {
    sourceId: `${start}/${index}`,
    file,
    pixels: { kind: 'hdf5' as const, dataset: 'images', index },
    ...side,
    split,
    label: { index: classId, name: known.name },
    attributes: {
      wordnet: known.wordnet,
      ...(latents ? { latents: { dataset: 'latents', index, shape: latents.shape.slice(1) } } : {}),
    },
  }
}

/** Reads one picture and its latents. A picture far outside of -1…1 is kept, with a warning. */
async function rowFault(
  { images, latents }: ClassData,
  index: number,
  file: string,
): Promise<ImportProblem | null> {
  const place = { file, record: index }
  const values = await readRow(images, index)
  if (!allFinite(values) || (latents && !allFinite(await readRow(latents, index)))) {
    const message = `Row ${index} holds a number that is not finite; it was left out.`
    return skipRecord(place, 'E_TENSOR_NOT_FINITE', message)
  }
  if (!images.type.startsWith('f') || isNominal(values)) return null
  const message = `Row ${index} holds numbers far outside of -1 to 1, probably 0 to 255.`
  return warning(place, 'W_TENSOR_RANGE', message)
}

function allFinite(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return false
  return true
}

const noFiles = (root: string) =>
  new AppError(
    'E_HDF5_NO_IMAGES',
    `There are no HDF5 files in ${showPath(root)}.`,
    'Choose the folder that holds the folders train and test with the files 0.h5 to 9.h5.',
  )

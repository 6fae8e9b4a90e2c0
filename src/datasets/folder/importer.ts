import { z } from 'zod'
import type { FileSource, ImportRecord } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { defineImporter } from '../../shared/plugin'
import { hasPictureEnding } from '../reading/pictures'

export default defineImporter({
  id: 'folder',
  name: 'Folder of pictures',
  summary: 'Every picture below a folder; names of folders can become the classes of the pictures.',
  params: z.object({
    labels: z
      .enum(['none', 'folders'])
      .default('none')
      .describe('Whether the folder that a picture is in is its class'),
  }),
  async recognizes(files) {
    const names = picturesOf(files)
    let pictures = 0
    while ((await names.next()).done !== true) pictures++
    // Any data set is also a folder of pictures: those that know more go first.
    if (pictures === 0) return { certainty: 0, summary: 'No pictures were found.' }
    const count = pictures.toLocaleString('en')
    return {
      certainty: 0.1,
      summary: `A folder with ${count} ${pictures === 1 ? 'picture' : 'pictures'}`,
    }
  },
  async *read(files, { labels }) {
    const classes = labels === 'folders' ? await classFolders(files) : null
    for await (const file of picturesOf(files)) yield pictureRecord(file, classes)
  },
})

async function* picturesOf(files: FileSource): AsyncGenerator<string> {
  if (files.entry !== null) {
    if (hasPictureEnding(files.entry)) yield files.entry
    return
  }
  for await (const file of files.list()) if (hasPictureEnding(file)) yield file
}

function pictureRecord(file: string, classes: readonly string[] | null): ImportRecord {
  const image = { sourceId: file, file, width: null, height: null, attributes: {} }
  if (classes === null) return { kind: 'image', image: { ...image, split: null } }
  const { split, name } = placeOf(file)
  const label = { index: classes.indexOf(name), name }
  return { kind: 'image', image: { ...image, split, label } }
}

const splitNames = new Set(['train', 'training', 'val', 'valid', 'validation', 'test', 'dev'])

/** `class/picture` or `split/class/picture`. */
function placeOf(file: string): { split: string | null; name: string; depth: number } {
  const folders = file.split('/').slice(0, -1)
  const [first = ''] = folders
  const split = folders.length > 1 && splitNames.has(first.toLowerCase()) ? first : null
  return { split, name: folders.at(-1) ?? '', depth: folders.length - (split === null ? 0 : 1) }
}

/**
 * The names of the class folders, sorted.
 * @throws AppError E_CLASS_FROM_NAME when a picture is not exactly one folder deep (below its split)
 */
async function classFolders(files: FileSource): Promise<readonly string[]> {
  const names = new Set<string>()
  for await (const file of picturesOf(files)) {
    const { name, depth } = placeOf(file)
    if (depth !== 1) {
      throw new AppError(
        'E_CLASS_FROM_NAME',
        `${showPath(file)} is not in a folder of a class: it is ${depth} folders deep.`,
        'With labels=folders each picture is in class/picture or split/class/picture. Use labels=none otherwise.',
      )
    }
    names.add(name)
  }
  return [...names].sort()
}

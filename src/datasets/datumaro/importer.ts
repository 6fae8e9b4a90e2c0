import { z } from 'zod'
import type { FileSource, ImportRecord } from '../../shared/dataset'
import { defineImporter } from '../../shared/plugin'
import { jsonFiles, mostLookedInto, surveyStart } from '../reading/first-bytes'
import { noAnnotations } from '../reading/no-annotations'
import { PictureIndex } from '../reading/pictures'
import { SubsetReader } from './subset-reader'

export default defineImporter({
  id: 'datumaro',
  name: 'Datumaro',
  summary: 'One JSON for each subset with boxes, polygons and masks in groups.',
  reference:
    'https://open-edge-platform.github.io/datumaro/latest/docs/data-formats/formats/datumaro.html',
  params: z.object({}),
  async recognizes(files) {
    const subsets = await findSubsets(files, mostLookedInto)
    if (subsets.length === 0) return { certainty: 0, summary: 'No Datumaro annotations.' }
    const count = subsets.length === 1 ? 'one subset' : `${subsets.length} subsets`
    return { certainty: 0.95, summary: `Datumaro annotations with ${count}` }
  },
  async *read(files): AsyncGenerator<ImportRecord> {
    const subsets = await findSubsets(files)
    if (subsets.length === 0) {
      throw noAnnotations(
        files,
        'no Datumaro JSON with "categories" and "items"',
        'Give the folder that holds annotations/<subset>.json, or another --format.',
      )
    }
    const reader = new SubsetReader(files, await PictureIndex.of(files))
    for (const subset of subsets) yield* reader.read(subset)
  },
})

/** JSON files with `categories` as an object and `items` as a list; both may come in any order. */
async function findSubsets(files: FileSource, most?: number): Promise<readonly string[]> {
  const subsets: string[] = []
  for await (const name of jsonFiles(files, most)) {
    const { members } = await surveyStart(files, name)
    const has = (key: string, kind: string) =>
      members.some((member) => member.key === key && member.kind === kind)
    const isOurs = has('dm_format_version', 'scalar') || has('categories', 'object')
    if (isOurs && (has('items', 'list') || has('infos', 'object'))) subsets.push(name)
  }
  return subsets
}

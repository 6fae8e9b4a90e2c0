import { z } from 'zod'
import type { FileSource, ImportRecord } from '../../shared/dataset'
import { defineImporter } from '../../shared/plugin'
import { jsonFiles, mostLookedInto, startText } from '../reading/first-bytes'
import { noAnnotations } from '../reading/no-annotations'
import { PictureIndex } from '../reading/pictures'
import { classesBeside, TaskReader } from './task-reader'

export default defineImporter({
  id: 'label-studio',
  name: 'Label Studio',
  summary: 'A JSON list of tasks with boxes, polygons and brush masks in percent of the picture.',
  reference: 'https://labelstud.io/guide/export.html',
  params: z.object({
    take: z
      .enum(['annotations', 'predictions', 'both'])
      .default('both')
      .describe("People's annotations, models' predictions (objects with a score), or both"),
  }),
  async recognizes(files) {
    const exports = await findExports(files, mostLookedInto)
    if (exports.length === 0) return { certainty: 0, summary: 'No Label Studio tasks.' }
    const count = exports.length === 1 ? 'one file' : `${exports.length} files`
    return { certainty: 0.9, summary: `Label Studio tasks in ${count}` }
  },
  async *read(files, { take }): AsyncGenerator<ImportRecord> {
    const exports = await findExports(files)
    if (exports.length === 0) {
      throw noAnnotations(
        files,
        'no list of Label Studio tasks',
        'Export the project from Label Studio as "JSON" (not "JSON-MIN"), or give another --format.',
      )
    }
    const reader = new TaskReader(files, await PictureIndex.of(files), take)
    for (const file of exports) yield* reader.read(file)
  },
})

/** JSON lists of objects whose first one looks like a task. Long brush codes may hide all but one of the signs. */
async function findExports(files: FileSource, most?: number): Promise<readonly string[]> {
  const exports: string[] = []
  for await (const name of jsonFiles(files, most)) {
    const text = await startText(files, name)
    const isList = /^(?:\xef\xbb\xbf)?\s*\[\s*\{/.test(text)
    const hasResults = /"(?:annotations|completions|predictions)"\s*:\s*\[/.test(text)
    const hasTask = /"(?:data|from_name|was_cancelled|original_width)"\s*:/.test(text)
    // An empty list says nothing: the file of classes that we write beside it does.
    const isEmpty = /^\s*\[\s*\]\s*$/.test(text) && (await files.has(classesBeside(name)))
    if (isEmpty || (isList && hasResults && hasTask)) exports.push(name)
  }
  return exports
}

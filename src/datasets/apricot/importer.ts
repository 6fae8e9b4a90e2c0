import { z } from 'zod'
import { defineImporter } from '../../shared/plugin'
import { findApricot, isApricotFile } from '../reading/apricot/annotation-files'
import { headRecords, imageRecords, readSplits } from '../reading/apricot/records'

export default defineImporter({
  id: 'apricot',
  name: 'APRICOT',
  summary: 'Photographs of printed adversarial patches, with their targets and COCO objects.',
  reference: 'Braunegg et al., APRICOT: A Dataset of Physical Adversarial Attacks, ECCV 2020',
  params: z.object({
    split: z.enum(['all', 'dev', 'test']).default('all').describe('Which photographs to import'),
  }),
  async recognizes(files) {
    const { entry } = files
    const isJson = entry?.toLowerCase().endsWith('.json')
    if (entry !== null && !(isJson && (await isApricotFile(files, entry)))) {
      return { certainty: 0, summary: 'No APRICOT annotations.' }
    }
    const splits = await findApricot(files)
    if (splits.length === 0) return { certainty: 0, summary: 'No APRICOT annotations.' }
    const names = splits.map(({ split }) => split ?? 'one file').join(' and ')
    return { certainty: 0.96, summary: `APRICOT annotations (${names}).` }
  },
  async *read(files, { split }) {
    const categories = new Set<string>()
    for await (const content of readSplits(files, split)) {
      yield* headRecords(content, categories)
      for (const image of content.images) yield* imageRecords(image)
    }
  },
})

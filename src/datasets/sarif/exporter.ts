import { z } from 'zod'
import type { ContentImage, ContentObject, DatasetContent } from '../../shared/dataset'
import { defineDatasetExporter } from '../../shared/plugin'
import { countLosses, lostOfImages, lostOfObjects } from '../writing/losses'

const schema =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'

/** SARIF has no pictures: regions are text or bytes, so boxes go to `properties`, where tools show them as they are. */
export default defineDatasetExporter({
  id: 'sarif',
  name: 'SARIF',
  summary: 'One result for each flagged image, for tools that collect findings of checks.',
  reference: 'OASIS SARIF 2.1.0',
  fileName: 'findings.sarif',
  params: z.object({
    flag: z
      .enum(['patches', 'objects'])
      .default('patches')
      .describe('What makes an image a finding: adversarial patches, or any object'),
  }),
  losses(content, { flag }) {
    const isFlagged = flaggedBy(flag)
    return countLosses(content, [
      lostOfImages('unflagged-images', 'Images without a finding are left out.', (image) => {
        return !image.objects.some(isFlagged)
      }),
      lostOfObjects('other-objects', 'Objects that are no finding are left out.', (object) => {
        return !isFlagged(object)
      }),
      lostOfObjects('shapes', 'Outlines and masks are left out; boxes are kept.', (object) => {
        return object.shape !== undefined && isFlagged(object)
      }),
    ])
  },
  write(content, sink, { flag }) {
    const file = sink.file('findings.sarif')
    const ids = ruleIds(content)
    const rules = content.categories.map(({ id, name }) => ({
      id: ids.get(id),
      name,
      shortDescription: { text: `${name} in a picture` },
    }))
    const tool = { driver: { name: 'Patchwarden', rules } }
    file.write(`{"$schema":${JSON.stringify(schema)},"version":"2.1.0","runs":[{\n`)
    file.write(`"tool":${JSON.stringify(tool)},\n`)
    file.write(`"properties":${JSON.stringify({ dataset: content.name })},\n"results":[`)
    let separator = '\n'
    for (const image of content.images()) {
      const flagged = image.objects.filter(flaggedBy(flag))
      if (flagged.length === 0) continue
      file.write(separator + JSON.stringify(resultOf(content, image, flagged, ids)))
      separator = ',\n'
    }
    file.write('\n]}]}\n')
    file.close()
  },
})

function flaggedBy(flag: 'patches' | 'objects') {
  return (object: ContentObject) => flag === 'objects' || object.isPatch
}

/** The object with the best score speaks for the image; all are listed in the properties. */
function resultOf(
  { categories }: DatasetContent,
  image: ContentImage,
  flagged: readonly ContentObject[],
  ids: ReadonlyMap<number, string>,
) {
  const main = flagged.reduce((a, b) => ((b.score ?? 0) > (a.score ?? 0) ? b : a))
  const ruleIndex = categories.findIndex(({ id }) => id === main.categoryId)
  const name = categories[ruleIndex]?.name ?? String(main.categoryId)
  const more = flagged.length === 1 ? '' : ` and ${flagged.length - 1} more`
  return {
    ruleId: ids.get(main.categoryId),
    ruleIndex,
    level: 'warning',
    message: { text: `${image.file}: ${name} at ${main.box.join(', ')}${more}.` },
    locations: [{ physicalLocation: { artifactLocation: { uri: relativeUri(image.file) } } }],
    ...rankOf(main),
    properties: {
      bbox: main.box,
      imageSize: [image.width, image.height],
      findings: flagged.map((object) => ({
        ruleId: ids.get(object.categoryId),
        bbox: object.box,
        ...rankOf(object),
      })),
    },
  }
}

/** 0…100; left out where nobody has scored. */
function rankOf({ score }: ContentObject) {
  return score === undefined ? {} : { rank: 100 * Math.min(1, Math.max(0, score)) }
}

/** By category: the name in lower case with hyphens, with a number behind it where two come out the same. */
function ruleIds({ categories }: DatasetContent): ReadonlyMap<number, string> {
  const ids = new Map<number, string>()
  const taken = new Set<string>()
  for (const { id, name } of categories) {
    const slug = name
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '')
    let ruleId = slug === '' ? 'class' : slug
    while (taken.has(ruleId)) ruleId += `-${id}`
    taken.add(ruleId)
    ids.set(id, ruleId)
  }
  return ids
}

/** A relative reference by RFC 3986: parts are encoded, so no name can turn into a scheme, a host or a query. */
function relativeUri(file: string): string {
  return file
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/')
}

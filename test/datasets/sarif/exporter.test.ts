import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import exporter from '../../../src/datasets/sarif/exporter'
import type { ContentObject, DatasetContent } from '../../../src/shared/dataset'
import { memorySink } from '../../support/memory-sink'
import { contents } from '../contents'

/** The members that SARIF 2.1.0 demands of what we write, and their ranges. */
const uriReference = z.string().regex(/^(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+$/)
const rule = z.object({
  id: z.string().min(1),
  name: z.string(),
  shortDescription: z.object({ text: z.string() }),
})
const result = z.object({
  ruleId: z.string().min(1),
  ruleIndex: z.int().min(-1),
  level: z.enum(['none', 'note', 'warning', 'error']),
  message: z.object({ text: z.string().min(1) }),
  locations: z.tuple([
    z.object({ physicalLocation: z.object({ artifactLocation: z.object({ uri: uriReference }) }) }),
  ]),
  rank: z.number().min(0).max(100).optional(),
  properties: z.object({ bbox: z.array(z.number()).length(4) }).loose(),
})
const sarif = z.object({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.tuple([
    z.object({
      tool: z.object({
        driver: z.object({ name: z.literal('Patchwarden'), rules: z.array(rule) }),
      }),
      results: z.array(result),
      properties: z.object({ dataset: z.string() }),
    }),
  ]),
})

type Flag = 'patches' | 'objects'

function write(content: DatasetContent, flag: Flag) {
  const sink = memorySink()
  exporter.write(content, sink, { flag })
  const text = sink.text('findings.sarif')
  return { text, run: sarif.parse(JSON.parse(text)).runs[0] }
}

/** As runs have it: what belongs to the category of patches is a patch. */
function withPatches(content: DatasetContent): DatasetContent {
  const patches = content.categories.find(({ name }) => name === 'adversarial patch')?.id
  const images = [...content.images()].map((image) => ({
    ...image,
    objects: image.objects.map((one) => ({ ...one, isPatch: one.categoryId === patches })),
  }))
  return { ...content, images: () => images }
}

test('every content gives a valid log with one result for each flagged image, the same bytes each time', () => {
  fc.assert(
    fc.property(
      contents().map(withPatches),
      fc.constantFrom<Flag>('patches', 'objects'),
      (content, flag) => {
        const { text, run } = write(content, flag)
        const isFlagged = (one: ContentObject) => flag === 'objects' || one.isPatch
        const flagged = [...content.images()].filter(({ objects }) => objects.some(isFlagged))
        expect(
          run.results.map((one) =>
            decodeURIComponent(one.locations[0].physicalLocation.artifactLocation.uri),
          ),
        ).toEqual(flagged.map(({ file }) => file))
        const ids = run.tool.driver.rules.map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
        for (const one of run.results) expect(ids[one.ruleIndex]).toBe(one.ruleId)
        expect(write(content, flag).text).toBe(text)
      },
    ),
    { numRuns: 60 },
  )
})

const object = {
  categoryId: 2,
  box: [1, 2, 3, 4],
  area: 12,
  isCrowd: false,
  attributes: {},
} as const
const image = { width: 9, height: 8, split: null, attributes: {} }
const content: DatasetContent = {
  name: 'run 1',
  categories: [
    { id: 1, name: 'person' },
    { id: 2, name: 'adversarial patch' },
  ],
  images: () => [
    {
      ...image,
      id: 1,
      file: 'c:/a b#?.png',
      objects: [
        { ...object, id: 1, isPatch: true, score: 0.25 },
        { ...object, id: 2, isPatch: true, score: 0.5, box: [0, 0, 1, 1] },
        { ...object, id: 3, isPatch: false, categoryId: 1 },
      ],
    },
    { ...image, id: 2, file: 'b.png', objects: [] },
  ],
}

test('the best patch speaks for its image', () => {
  const { run } = write(content, 'patches')
  expect(run.results).toMatchObject([
    {
      ruleId: 'adversarial-patch',
      rank: 50,
      locations: [{ physicalLocation: { artifactLocation: { uri: 'c%3A/a%20b%23%3F.png' } } }],
      properties: { bbox: [0, 0, 1, 1], imageSize: [9, 8], findings: [{ rank: 25 }, { rank: 50 }] },
    },
  ])
})

test('what is left out is told before', () => {
  expect(
    exporter.losses(content, { flag: 'patches' }).map(({ what, count }) => [what, count]),
  ).toEqual([
    ['unflagged-images', 1],
    ['other-objects', 1],
  ])
})

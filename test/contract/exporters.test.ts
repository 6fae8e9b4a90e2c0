import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { exporters } from '../../src/datasets'
import type { ExporterPlugin, Report } from '../../src/shared/plugin'
import { emptyReport, report, reportWith } from '../datasets/reports'

/** Whether a text is what its ending says. A format without a reader here fails, so that none goes unchecked. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  json: (text): unknown => JSON.parse(text),
  jsonl: (text) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown),
  csv: (text) => {
    const rows = text.split(/\r\n/).slice(0, -1)
    for (const row of rows) expect((row.match(/"/g) ?? []).length % 2).toBe(0)
    const cells = rows.map((row) => row.replace(/"([^"]|"")*"/g, '').split(',').length)
    expect(new Set(cells).size).toBe(1)
  },
}

test('the formats of the command line are there', () => {
  expect([...exporters.keys()]).toEqual(
    expect.arrayContaining(['coco', 'coco-results', 'csv', 'jsonl']),
  )
})

describe.each([...exporters.values()])('$id', (exporter) => {
  test('its settings have defaults, and each is described', () => {
    expect(exporter.params.safeParse({}).success).toBe(true)
    const { properties } = z.toJSONSchema(exporter.params, { io: 'input' })
    for (const setting of Object.values(properties ?? {})) {
      expect(setting).toHaveProperty('description')
    }
  })

  test.each([
    ['a report', report],
    ['a report of nothing', emptyReport],
  ])('writes %s in valid syntax, ending in a new line', (_, given) => {
    const text = written(exporter, given)
    const reader = readers[exporter.extension]
    expect(reader, `no reader for .${exporter.extension}`).toBeDefined()
    expect(() => reader?.(text)).not.toThrow()
    if (text !== '') expect(text.endsWith('\n')).toBe(true)
    expect(text).not.toMatch(/NaN|Infinity|undefined|-0[^.\d]/)
  })

  test('the same report gives the same bytes, whatever the order in which things were noted', () => {
    const text = written(exporter, report)
    expect(written(exporter, report)).toBe(text)
    const turned: Report = {
      ...report,
      images: report.images.map((image) => ({
        ...image,
        notes: Object.fromEntries(Object.entries(image.notes).reverse()),
        masks: Object.fromEntries(Object.entries(image.masks).reverse()),
      })),
    }
    expect(written(exporter, turned)).toBe(text)
  })

  test('the report is not touched', () => {
    const frozen = deepFreeze(structuredClone(report))
    written(exporter, frozen)
    expect(frozen).toEqual(report)
  })

  test('refuses what cannot be written, naming the file', () => {
    const refused = (code: string) =>
      expect.objectContaining({
        code,
        message: expect.stringContaining('street/a.jpg') as string,
      }) as Error
    expect(() => written(exporter, reportWith({ box: [0, 0, NaN, 1] }))).toThrow(
      refused('E_BBOX_NOT_FINITE'),
    )
    expect(() => written(exporter, reportWith({ score: Infinity }))).toThrow(
      refused('E_SCORE_NOT_FINITE'),
    )
    expect(() => written(exporter, reportWith({ classId: 9 }))).toThrow(
      refused('E_ANN_CATEGORY_UNKNOWN'),
    )
  })
})

function written(exporter: ExporterPlugin, given: Report): string {
  let text = ''
  exporter.write(given, { write: (piece) => (text += piece) }, exporter.params.parse({}))
  return text
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}

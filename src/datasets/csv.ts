import { z } from 'zod'
import { defineExporter } from '../shared/plugin'
import { categoryOf, exportedBox, exportedScore, imagesById } from '../shared/report/records'
import { guardCell, quoteCell } from './writing/csv-cells'

const columns = [
  'image_id',
  'file',
  'width',
  'height',
  'sha256',
  'label',
  'class_id',
  'score',
  'x1',
  'y1',
  'x2',
  'y2',
]

export default defineExporter({
  id: 'csv',
  name: 'CSV',
  summary: 'A table with one row a detection, for spreadsheets.',
  reference: 'RFC 4180',
  extension: 'csv',
  params: z.object({
    emptyImages: z
      .boolean()
      .default(true)
      .describe('Images without detections get a row with empty cells'),
    guardFormulas: z
      .boolean()
      .default(true)
      .describe(
        "Texts that a spreadsheet would run as a formula (beginning with = + - @, tab or return) get a ' in front",
      ),
  }),
  write(report, sink, { emptyImages, guardFormulas }) {
    const text = (value: string) => quoteCell(guardFormulas ? guardCell(value) : value)
    const writeRow = (cells: readonly (string | number)[]) => {
      sink.write(`${cells.join(',')}\r\n`)
    }
    writeRow(columns)
    for (const image of imagesById(report)) {
      const { id, file, width, height, sha256, detections } = image
      const known = [id, text(file), width, height, text(sha256)]
      for (const detection of detections) {
        const { name } = categoryOf(report, image, detection)
        const score = exportedScore(image, detection.score)
        const box = exportedBox(image, detection.box)
        writeRow([...known, text(name), detection.classId, score, ...box])
      }
      if (detections.length === 0 && emptyImages) {
        writeRow([...known, ...Array<string>(columns.length - known.length).fill('')])
      }
    }
  },
})

import { z } from 'zod'
import { defineExporter, type Report, type ReportImage } from '../shared/plugin'
import { sortedByKey } from '../shared/report/json-list'
import { categoryOf, exportedBox, exportedScore, imagesById } from '../shared/report/records'

export default defineExporter({
  id: 'jsonl',
  name: 'JSON Lines',
  summary: 'One line an image with all that is known of it: detections, masks, notes, warnings.',
  reference: 'https://jsonlines.org',
  extension: 'jsonl',
  params: z.object({}),
  write(report, sink) {
    for (const image of imagesById(report)) {
      sink.write(`${JSON.stringify(imageRecord(report, image))}\n`)
    }
  },
})

function imageRecord(report: Report, image: ReportImage) {
  const { file, width, height, sha256, masks, notes, warnings, stages } = image
  return {
    file,
    width,
    height,
    sha256,
    detections: image.detections.map((detection) => ({
      box: exportedBox(image, detection.box),
      score: exportedScore(image, detection.score),
      label: categoryOf(report, image, detection).name,
      classId: detection.classId,
    })),
    masks: sortedByKey(
      Object.fromEntries(
        Object.entries(masks).map(([name, counts]) => [name, { size: [height, width], counts }]),
      ),
    ),
    // JSON has no NaN: a note that is not finite becomes null.
    notes: sortedByKey(notes),
    warnings,
    ...(stages ? { stages: stages.map(({ name, ms }) => ({ name, ms })) } : {}),
  }
}

import { z } from 'zod'
import { defineExporter, type Report } from '../shared/plugin'
import { detectionMaskName } from '../shared/report/detection-masks'
import { writeJsonList } from '../shared/report/json-list'
import { categoryOf, exportedScore, exportedXywh, imagesById } from '../shared/report/records'

export default defineExporter({
  id: 'coco-results',
  name: 'COCO results',
  summary: 'A JSON list of detections, as COCO evaluation reads it.',
  reference: 'https://cocodataset.org/#format-results',
  extension: 'json',
  params: z.object({}),
  write(report, sink) {
    writeJsonList(sink, resultRecords(report))
    sink.write('\n')
  },
})

function* resultRecords(report: Report) {
  for (const image of imagesById(report)) {
    for (const [place, detection] of image.detections.entries()) {
      const counts = image.masks[detectionMaskName(place)]
      yield {
        image_id: image.id,
        category_id: categoryOf(report, image, detection).id,
        bbox: exportedXywh(image, detection.box),
        ...(counts === undefined
          ? {}
          : { segmentation: { size: [image.height, image.width], counts } }),
        score: exportedScore(image, detection.score),
      }
    }
  }
}

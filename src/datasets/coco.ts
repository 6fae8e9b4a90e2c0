import { z } from 'zod'
import { defineExporter, type Report } from '../shared/plugin'
import { writeJsonList } from '../shared/report/json-list'
import {
  categoryOf,
  exportedArea,
  exportedScore,
  exportedXywh,
  imagesById,
} from '../shared/report/records'

export default defineExporter({
  id: 'coco',
  name: 'COCO detection',
  summary: 'One JSON document of images, categories and annotations with scores.',
  reference: 'https://cocodataset.org/#format-data',
  extension: 'json',
  params: z.object({}),
  write(report, sink) {
    sink.write('{"images":')
    writeJsonList(sink, imageRecords(report))
    sink.write(',\n"categories":')
    writeJsonList(sink, categoryRecords(report))
    sink.write(',\n"annotations":')
    writeJsonList(sink, annotationRecords(report))
    sink.write('}\n')
  },
})

function* imageRecords(report: Report) {
  for (const { id, file, width, height } of imagesById(report)) {
    yield { id, file_name: file, width, height }
  }
}

function categoryRecords(report: Report) {
  return report.categories.map(({ id, name }) => ({ id, name })).sort((a, b) => a.id - b.id)
}

function* annotationRecords(report: Report) {
  let id = 0
  for (const image of imagesById(report)) {
    for (const detection of image.detections) {
      const bbox = exportedXywh(image, detection.box)
      id++
      yield {
        id,
        image_id: image.id,
        category_id: categoryOf(report, image, detection).id,
        bbox,
        area: exportedArea(bbox),
        score: exportedScore(image, detection.score),
        iscrowd: 0,
      }
    }
  }
}

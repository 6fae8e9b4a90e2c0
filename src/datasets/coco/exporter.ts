import { z } from 'zod'
import type { DatasetContent, Loss } from '../../shared/dataset'
import { defineDatasetExporter } from '../../shared/plugin'
import { writeJsonList } from '../../shared/report/json-list'
import { countLosses, imageLabels, lostOfObjects, pixelReferences } from '../writing/losses'
import { annotationOf, categoryOf, imageOf, losesPolygons } from './written-records'

const fileName = 'annotations.json'

const rules = [
  imageLabels,
  pixelReferences,
  lostOfObjects(
    'polygons-beside-masks',
    'Polygons are left out where a mask says more than they do: COCO holds one of the two.',
    losesPolygons,
  ),
]

export default defineDatasetExporter({
  id: 'coco',
  name: 'COCO detection',
  summary:
    'One JSON document of images, categories and annotations; scores, masks and crowds included.',
  reference: 'https://cocodataset.org/#format-data',
  params: z.object({}),
  fileName,
  losses: (content): readonly Loss[] => countLosses(content, rules),
  /** @throws AppError E_BBOX_NOT_FINITE, E_SCORE_NOT_FINITE */
  write(content, sink) {
    const file = sink.file(fileName)
    file.write('{"images":')
    writeJsonList(file, imageRecords(content))
    file.write(',\n"categories":')
    writeJsonList(file, content.categories.map(categoryOf))
    file.write(',\n"annotations":')
    writeJsonList(file, annotationRecords(content))
    file.write('}\n')
    file.close()
  },
})

function* imageRecords(content: DatasetContent) {
  for (const image of content.images()) yield imageOf(image)
}

function* annotationRecords(content: DatasetContent) {
  for (const image of content.images()) {
    for (const object of image.objects) yield annotationOf(object, image)
  }
}

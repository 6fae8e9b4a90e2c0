import type { ContentImage, DatasetContent } from '../../shared/dataset/content'
import type { Report } from '../../shared/plugin'
import { categoryOf, exportedScore, exportedXywh, imagesById } from '../../shared/report/records'

/**
 * Detections of a finished run as exporters of data sets take them: each is an object with a score.
 * @throws AppError E_BBOX_NOT_FINITE, E_SCORE_NOT_FINITE, E_ANN_CATEGORY_UNKNOWN while the images are read
 */
export function reportContent(report: Report, name: string): DatasetContent {
  return {
    name,
    categories: report.categories.map(({ id, name }) => ({ id, name })).sort((a, b) => a.id - b.id),
    *images() {
      let id = 0
      for (const image of imagesById(report)) {
        yield {
          id: image.id,
          file: image.file,
          width: image.width,
          height: image.height,
          split: null,
          attributes: {},
          objects: image.detections.map((detection) => {
            const box = exportedXywh(image, detection.box)
            return {
              id: ++id,
              categoryId: categoryOf(report, image, detection).id,
              box,
              area: box[2] * box[3],
              isCrowd: false,
              score: exportedScore(image, detection.score),
              isPatch: false,
              attributes: {},
            }
          }),
        } satisfies ContentImage
      }
    },
  }
}

import type { Report, ReportImage } from '../shared/plugin'
import type { ImageFilter, Project, Run } from '../store'
import { runPictures } from './run-content'

/**
 * A run as report exporters take it. The ids of images and classes are those of the data set's source where that has
 * numbers, so that results can be evaluated against its annotations.
 * @param timings times differ from run to run, so they are only in the results when asked for
 */
export function runReport(
  project: Project,
  run: Run,
  options: { readonly timings?: boolean; readonly filter?: ImageFilter } = {},
): Report {
  const found = runPictures(project, run, options.filter)
  const images: ReportImage[] = []
  for (const { image, item } of found.pictures()) {
    images.push({
      id: image.id,
      file: image.file,
      width: image.width,
      height: image.height,
      sha256: item.sha256 ?? '',
      detections: item.found.map(({ box, score, classId }) => ({ box, score, classId })),
      masks: item.masks,
      notes: item.notes,
      warnings: item.warnings,
      ...(options.timings ? { stages: item.stages } : {}),
    })
  }
  const categories = project.runs
    .classes(run.id)
    .map(({ name }) => ({ id: found.classes.idOf.get(name) ?? 0, name }))
  return { categories, manifest: run.manifest, images }
}

import type { ErrorRecord } from '../../shared/errors'
import type { ProbeSettings } from '../../shared/studies'
import { diskSource } from '../import/disk-source'
import { openModelStore } from '../models/model-store'
import { createModelHost } from '../models/sessions'
import type { Locations } from '../vision-job'
import { type D3sStudy, studyD3s } from './d3s'
import { type OmImagenetStudy, studyOmImagenet } from './om-imagenet'
import { openPictureModel } from './picture-model'

interface AnyStudyRequest {
  /** Absolute path of the data set's folder. */
  readonly path: string
  /** Most pictures that are looked at, spread evenly. */
  readonly limit: number
  /** Data set name to model name, for classes that are called otherwise. */
  readonly chosenClasses: Readonly<Record<string, string>>
  /** Of one model run. */
  readonly threads: number
}

/** What is asked of a data set and a model; plain data, because it goes to another process and into the project. */
export type StudyRequest =
  | (AnyStudyRequest & {
      readonly kind: 'd3s'
      /** Id of a model or path of an ONNX file; null: probes on plain statistics alone. */
      readonly model: string | null
      readonly probePictures: number
      readonly probe: ProbeSettings
      readonly withRejected: boolean
      readonly geometry: 'tile' | 'published'
    })
  | (AnyStudyRequest & {
      readonly kind: 'om-imagenet'
      readonly model: string
      /** Folder of the natural pictures; null if they are below the first. */
      readonly natural: string | null
    })

export type Study = D3sStudy | OmImagenetStudy

export interface StudySteps {
  readonly signal: AbortSignal
  /** A picture that could not be read; the others go on. */
  readonly onFault: (file: string, error: ErrorRecord) => void
  /** Of the pictures that are being looked at; a study may look at several lists. */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Opens data set and model, and answers the study. Inference blocks the process: see study-process.ts.
 * @throws AppError E_FILE_…, E_MODEL_…, E_STUDY_NO_PICTURES, E_CLASS_UNKNOWN and where the importer refuses
 */
export async function runStudy(
  request: StudyRequest,
  locations: Locations,
  steps: StudySteps,
): Promise<Study> {
  const { path, limit, chosenClasses, threads } = request
  const source = await diskSource(path)
  const store = await openModelStore(locations)
  const host = createModelHost({ store, threads, signal: steps.signal })
  const shared = { limit, chosenClasses, ...steps }
  try {
    if (request.kind === 'd3s') {
      const { probePictures, probe, withRejected, geometry } = request
      const model = request.model === null ? null : await openPictureModel(request.model, host)
      return await studyD3s(source, {
        ...shared,
        ...{ model, probePictures, probe, withRejected, geometry },
      })
    }
    const natural = request.natural === null ? null : await diskSource(request.natural)
    const model = await openPictureModel(request.model, host)
    return await studyOmImagenet(source, natural, { ...shared, model })
  } finally {
    await host.release()
  }
}

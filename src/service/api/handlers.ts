import type { ProcedureName } from '../../shared/api'
import { annotationHandlers, objectHandlers, patchHandlers } from './annotations'
import { certificateHandlers } from './certificates'
import { exportHandlers } from './export'
import { grantHandlers } from './grants'
import type { Handlers } from './handler'
import { imageHandlers } from './image'
import { importHandlers } from './import'
import { jobHandlers } from './jobs'
import { datasetHandlers, imageEditHandlers, imageListHandlers } from './library'
import { modelHandlers } from './models'
import { pluginHandlers } from './plugins'
import { projectHandlers } from './project'
import { proposeHandlers } from './propose'
import { resultHandlers } from './results'
import { reviewHandlers } from './review'
import { runHandlers } from './runs'
import { settingHandlers } from './settings'
import { studyHandlers } from './studies'
import { undoHandlers } from './undo'

/** One for each procedure: a procedure without a handler does not compile. */
export const handlers: Handlers<ProcedureName> = {
  ...projectHandlers,
  ...grantHandlers,
  ...datasetHandlers,
  ...imageListHandlers,
  ...imageEditHandlers,
  ...imageHandlers,
  ...pluginHandlers,
  ...annotationHandlers,
  ...patchHandlers,
  ...proposeHandlers,
  ...objectHandlers,
  ...reviewHandlers,
  ...undoHandlers,
  ...runHandlers,
  ...jobHandlers,
  ...resultHandlers,
  ...certificateHandlers,
  ...modelHandlers,
  ...importHandlers,
  ...exportHandlers,
  ...studyHandlers,
  ...settingHandlers,
}

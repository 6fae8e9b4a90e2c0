/**
 * The one interface between Patchwarden's core and everything that shows or drives it. Each procedure has a schema for
 * what it takes and what it answers; the renderer sees a `Backend` and cannot tell which carrier brings the answers:
 * message port (desktop), HTTP with server-sent events (service), or a direct call (command line, tests).
 */
import { annotationProcedures } from './annotations'
import { certificateProcedures } from './certificates'
import { imageProcedures, pluginProcedures } from './image'
import { exportProcedures, importProcedures } from './import-export'
import { libraryProcedures } from './library'
import { modelProcedures } from './models'
import { grantProcedures, projectProcedures } from './project'
import { resultProcedures } from './results'
import { jobProcedures, runProcedures } from './runs'
import { settingProcedures } from './settings'
import { studyProcedures } from './studies'

export const procedures = {
  ...projectProcedures,
  ...grantProcedures,
  ...libraryProcedures,
  ...imageProcedures,
  ...pluginProcedures,
  ...annotationProcedures,
  ...runProcedures,
  ...jobProcedures,
  ...resultProcedures,
  ...certificateProcedures,
  ...modelProcedures,
  ...importProcedures,
  ...exportProcedures,
  ...studyProcedures,
  ...settingProcedures,
}

export { events } from './events'
export * from './backend'
export { mediaKinds, mediaPath, type MediaKind } from './media'
export type { Procedure, EventKind } from './define'
export type { ApiError, ApiRle } from './values'
export type { ImageFilterInput, ImageOrder, Selection } from './filter'
export type { ImageCard } from './library'
export type { ImageResult } from './image'
export type { ApiObject, ApiPatch } from './annotation-values'
export type { Proposal } from './annotations'
export type { ApiCertificate } from './certificates'
export type { Job, Run } from './runs'
export type { Difference, Comparison } from './image'
export type { Study, StudyResult } from './studies'
export { appSettings, type AppSettings } from './settings'

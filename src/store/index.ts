/**
 * The project database: the only code that speaks SQL.
 *
 * ```ts
 * await using project = await openProject(folder)          // makes it where there is none; { readonly: true } beside a writer
 * const { datasetId } = await project.datasets.import({ name, importer, root }, records, { signal, progress })
 * project.files.record([{ fileId, state: 'present', content, modifiedMs }])          // what files really hold
 * const page = project.images.list({ dataset: datasetId, class: ['dog'], patch: true, text: 'night' }, { limit: 100 })
 * project.images.list(sameFilter, { after: page.next })     // keyset paging, also { backward: true }
 * project.images.count(filter); project.images.facets(datasetId)
 * project.objects({ class }); project.patches({ status }); project.objectsOf(imageId); project.patchesOf(imageId)
 * project.edits.setPatchStatus(ids, 'accepted')             // one undoable action, on the disk when it returns
 * project.undoLog.undo(); project.undoLog.redo(); project.undoLog.state()
 * const run = project.runs.start({ name, kind: 'detect', manifest, classNames, total })
 * if (!project.runs.hasResult(key)) await project.runs.storeResult(run, result)      // resolves when it is on the disk
 * project.runs.items(run); project.runs.ofImage(imageId); project.detections({ run, class, minScore })
 * await project.comparisons.compare(bare, defended); project.comparisons.changes(bare, defended)
 * const job = project.jobs.create({ kind, name, manifest }); project.jobs.addItems(job, items); project.jobs.claim(job, 8)
 * await project.jobs.itemDone(job, key)
 * await project.backup(path); await doctor(folder, { repair, hashFile }); await rebuild(folder)
 * new ThumbnailCache(folder).get(sha256, 256)
 * ```
 *
 * Ids are the project's own, from 1; "image" ids are those of members of data sets. Reading is synchronous and takes
 * milliseconds, with everything bounded by pages. Faults of the world are `AppError`s (store-errors.ts, sqlite-fault.ts).
 */
export * from './annotations'
export { ThumbnailCache, type CacheOptions } from './cache'
export { detectionChange, type ComparedBox } from './change'
export type { CertificateFilter, ListedCertificate } from './certificates'
export type { Comparison, ImageMarks } from './comparisons'
export type { RunMark } from './run-marks'
export type { Category, Dataset } from './datasets'
export { doctor, type DoctorOptions, type Finding } from './doctor'
export type { ObjectDrawing, PatchDrawing, PatchProposal } from './edits'
export * from './facet-codes'
export type { FileSighting, ImageContent, ProjectFile } from './files'
export type { ImageFilter } from './image-filter'
export type { ImportCounts } from './import-writer'
export type { ImportOptions, ImportOrder, ImportOutcome, ImportTarget } from './store-import'
export type { BoundedCount, Facets, FacetValue, ProjectImage } from './images'
export {
  itemStates,
  jobStates,
  type ItemState,
  type Job,
  type JobItem,
  type JobOrder,
  type JobState,
  type NewItem,
  type Recovery,
} from './jobs'
export type { LockHolder } from './lock'
export type { FolderWarning } from './network-folder'
export type { Page, PageRequest } from './paging'
export { hasProject } from './project-file'
export { openProject, Project, type OpenNotes, type OpenOptions } from './project'
export type { DetectionFilter, ImageChange, ListedDetection } from './ranked-lists'
export { rebuild, type RebuildOutcome } from './rebuild'
export type { Stored } from './result-writer'
export {
  runStates,
  type CertificateRecord,
  type Run,
  type RunClass,
  type RunDetection,
  type RunFailure,
  type RunItem,
  type RunItemDetail,
  type RunOrder,
  type RunResult,
  type RunState,
} from './run-records'
export type { UndoEntry, UndoState } from './undo'

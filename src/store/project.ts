import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeFolder } from '../engine/files/make-folder'
import { writeFault } from '../engine/files/write-file'
import {
  listObjects,
  listPatches,
  objectById,
  objectsOf,
  objectsOfMany,
  patchById,
  patchesOf,
  patchesOfMany,
  type ObjectFilter,
  type PatchFilter,
  type ProjectObject,
  type ProjectPatch,
} from './annotations'
import { Datasets } from './datasets'
import { Db } from './db'
import { Edits } from './edits'
import { backupTo } from './backup'
import {
  type CertificateFilter,
  certificatesOfImage,
  listCertificates,
  type ListedCertificate,
} from './certificates'
import type { CertificateRecord } from '../shared/certificate-record'
import { Comparisons } from './comparisons'
import { GroupCommit } from './group-commit'
import { Jobs, type Recovery } from './jobs'
import { type DetectionFilter, listDetections, type ListedDetection } from './ranked-lists'
import { Runs } from './runs'
import { Files } from './files'
import { Images } from './images'
import { type LockHolder, WriterLock } from './lock'
import { migrate, requireCurrent, versionOf } from './migrate'
import { migrations } from './migrations'
import { type FolderWarning, folderWarning } from './network-folder'
import type { Page, PageRequest } from './paging'
import { finishRebuild, PROJECT_FILE } from './project-file'
import { removeSpools } from './record-spool'
import { Settings } from './settings'
import { projectNotFound } from './store-errors'
import { UndoLog } from './undo'
import { Writer } from './writer'

export interface OpenOptions {
  /** Beside a writer, without a lock. Default false. */
  readonly readonly?: boolean
  /** Make the project if there is none (default); else E_PROJECT_NOT_FOUND. */
  readonly create?: boolean
}

/** What was met when the project was opened, worth telling. */
export interface OpenNotes {
  readonly folderWarning: FolderWarning | null
  /** A writer that had died without letting go. */
  readonly takenOverFrom: LockHolder | null
  /** Copy of the file as an older version had left it. */
  readonly copyBeforeMigration: string | null
}

/**
 * Opens the project in `folder`, and makes it where there is none. One process writes to a project at a time.
 * @throws AppError E_PROJECT_LOCKED (open for writing elsewhere), E_PROJECT_NOT_FOUND, E_PROJECT_NEWER, E_PROJECT_OLDER
 * (reading only), E_PROJECT_DAMAGED, E_PROJECT_UNREADABLE, E_PROJECT_BUSY, E_DISK_FULL, E_WRITE_DENIED
 */
export async function openProject(folder: string, options: OpenOptions = {}): Promise<Project> {
  const root = resolve(folder)
  const path = join(root, PROJECT_FILE)
  const readonly = options.readonly ?? false
  if (!readonly) finishRebuild(root)
  if (!existsSync(path)) {
    if (readonly || options.create === false) throw projectNotFound(root)
    try {
      makeFolder(root)
    } catch (error) {
      throw writeFault(root, error)
    }
  }
  const db = new Db(path, { readonly })
  let lock: WriterLock | null = null
  try {
    if (readonly) {
      requireCurrent(db, migrations)
      return new Project(root, db, null, null)
    }
    versionOf(db, migrations.length) // before anything is written
    db.pragma('journal_mode = WAL')
    db.pragma('journal_size_limit = 67108864')
    lock = new WriterLock(db)
    removeSpools(root)
    const { copy } = await migrate(db, migrations)
    return new Project(root, db, lock, copy)
  } catch (error) {
    lock?.release()
    db.close()
    throw error
  }
}

/** An open project. See index.ts for an overview. */
export class Project implements AsyncDisposable {
  /** Absolute. */
  readonly folder: string
  readonly notes: OpenNotes
  readonly datasets: Datasets
  readonly images: Images
  readonly files: Files
  readonly edits: Edits
  readonly undoLog: UndoLog
  readonly settings: Settings
  readonly runs: Runs
  readonly comparisons: Comparisons
  readonly jobs: Jobs
  /** Work that a dead process had under way, back in the queue. */
  readonly recovery: Recovery
  readonly #group: GroupCommit
  readonly #writer: Writer
  readonly #db: Db
  readonly #lock: WriterLock | null

  constructor(folder: string, db: Db, lock: WriterLock | null, copy: string | null) {
    this.folder = folder
    this.#db = db
    this.#lock = lock
    this.notes = {
      folderWarning: folderWarning(folder),
      takenOverFrom: lock?.takenOverFrom ?? null,
      copyBeforeMigration: copy,
    }
    const writer = new Writer(db, lock)
    this.#writer = writer
    this.datasets = new Datasets(db, writer)
    this.images = new Images(db)
    this.files = new Files(db, writer)
    this.settings = new Settings(db, writer)
    this.undoLog = new UndoLog(db, writer)
    this.edits = new Edits(db, this.undoLog)
    this.#group = new GroupCommit(writer)
    this.runs = new Runs(db, writer, this.#group)
    this.comparisons = new Comparisons(db, writer, this.#group)
    this.jobs = new Jobs(db, writer, this.#group)
    this.recovery = lock ? this.jobs.recover() : { requeued: 0, givenUp: 0 }
  }

  get isReadOnly(): boolean {
    return this.#lock === null
  }

  /**
   * Reads as the project is now until `act` has ended, whatever others write meanwhile: for what reads the same rows more
   * than once. For projects that are open for reading only.
   */
  async frozen<T>(act: () => Promise<T>): Promise<T> {
    if (!this.isReadOnly) throw new TypeError('a project that is written cannot be frozen')
    this.#db.exec('BEGIN')
    try {
      return await act()
    } finally {
      this.#db.exec('ROLLBACK')
    }
  }

  /** Objects in the order of their ids. @throws AppError E_FILTER_INVALID, E_CURSOR_INVALID */
  objects(filter: ObjectFilter = {}, page: PageRequest = {}): Page<ProjectObject> {
    return listObjects(this.#db, filter, page)
  }

  /** Patch annotations in the order of their ids. @throws AppError E_CURSOR_INVALID */
  patches(filter: PatchFilter = {}, page: PageRequest = {}): Page<ProjectPatch> {
    return listPatches(this.#db, filter, page)
  }

  /** All objects of one picture. */
  objectsOf(memberId: number): ProjectObject[] {
    return objectsOf(this.#db, memberId)
  }

  /** All patch annotations of one picture. */
  patchesOf(memberId: number): ProjectPatch[] {
    return patchesOf(this.#db, memberId)
  }

  /** The same of several pictures at once, by picture, which is far quicker than one by one. */
  objectsOfMany(memberIds: readonly number[]): ReadonlyMap<number, readonly ProjectObject[]> {
    return objectsOfMany(this.#db, memberIds)
  }

  patchesOfMany(memberIds: readonly number[]): ReadonlyMap<number, readonly ProjectPatch[]> {
    return patchesOfMany(this.#db, memberIds)
  }

  object(id: number): ProjectObject | undefined {
    return objectById(this.#db, id)
  }

  patch(id: number): ProjectPatch | undefined {
    return patchById(this.#db, id)
  }

  /** The detections of a run, best score first. @throws AppError E_CURSOR_INVALID */
  detections(filter: DetectionFilter, page: PageRequest = {}): Page<ListedDetection> {
    return listDetections(this.#db, filter, page)
  }

  /** The certificates of a run, in the order of ids. @throws AppError E_CURSOR_INVALID */
  certificates(filter: CertificateFilter, page: PageRequest = {}): Page<ListedCertificate> {
    return listCertificates(this.#db, filter, page)
  }

  /** All certificates of one picture in one run, in order. */
  certificatesOfImage(
    runId: number,
    memberId: number,
  ): (CertificateRecord & { readonly id: number })[] {
    return certificatesOfImage(this.#db, runId, memberId)
  }

  /** Of each certificate of a result, whether it was given. */
  certifiedIn(itemId: number): boolean[] {
    return this.#db
      .column<number>('SELECT certified FROM certificates WHERE item_id = ?', itemId)
      .map((certified) => certified === 1)
  }

  /** A consistent copy of the project file, also while it is written to. @throws AppError E_FILE_EXISTS, E_DISK_FULL */
  async backup(target: string): Promise<void> {
    await backupTo(this.#db, target)
  }

  /** Waits for an import that is under way (abort it first), stores results that are still gathered, and lets go of the lock and the file. */
  async close(): Promise<void> {
    if (!this.#db.isOpen) return
    await this.#writer.imported()
    try {
      this.#group.flush()
      this.#lock?.release()
    } finally {
      this.#lock?.abandon()
      this.#db.close()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

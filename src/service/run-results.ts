import { setImmediate } from 'node:timers/promises'
import type { PictureProgress } from '../engine/picture-progress'
import type { VisionItem, VisionResult, WorkerReady } from '../engine/vision-job'
import { type ErrorRecord, toErrorRecord } from '../shared/errors'
import { showPath } from '../shared/image-errors'
import type { Detection } from '../shared/vision'
import type { NewItem, Project, RunItemDetail, RunResult } from '../store'
import type { JobControl } from './jobs'
import type { RunOutcome, RunWork } from './run-job'
import { itemKey } from './run-order'
import { RunPartials } from './run-partials'
import { contentIdOf, type RunSubject } from './run-subjects'

/** A picture with the keys of its result. */
interface Entry {
  readonly subject: RunSubject
  /** Of the content: equal for pictures that are equal. */
  readonly key: string
  /** Of the picture in this run: the same, unless another one of the same content came before. */
  readonly ownKey: string
}

const PICTURES_AT_ONCE = 500

type Found = Omit<RunResult, 'key' | 'file' | 'memberId'>

/** Keeps the books of a run: what is there, what is under way, what is being written. */
export class RunResults {
  ready: WorkerReady | null = null
  readonly #project: Project
  readonly #work: RunWork
  readonly #control: JobControl
  readonly #faults = new AbortController()
  /** By the index that workers know them by. */
  readonly #underWay = new Map<number, Entry>()
  /** Other pictures with the content of one that is under way, by key. */
  readonly #twins = new Map<string, Entry[]>()
  readonly #partials: RunPartials
  readonly #writes = new Set<Promise<void>>()
  /** Answered in this process: after a pause they are passed by. */
  readonly #answered = new Set<number>()
  #computed = 0
  #known = 0
  #failed = 0
  #changed = false

  constructor(project: Project, work: RunWork, control: JobControl) {
    this.#project = project
    this.#work = work
    this.#control = control
    this.#partials = new RunPartials(project.folder)
  }

  /** Aborted with the fault when a result could not be stored. */
  get fault(): AbortSignal {
    return this.#faults.signal
  }

  /** Whether anything new was stored. */
  get changed(): boolean {
    return this.#changed
  }

  outcome(): RunOutcome {
    const [computed, known, failed] = [this.#computed, this.#known, this.#failed]
    return { ready: this.ready, computed, known, failed }
  }

  /**
   * Writes the pictures down as items of the job, so that whoever finds it later knows what is left, and takes over what
   * the project knows of them. Those that nobody has looked at become items when they are answered.
   */
  async list(): Promise<void> {
    let items: NewItem[] = []
    const add = (): void => {
      if (items.length > 0) this.#project.jobs.addItems(this.#control.jobId, items)
      items = []
    }
    let looked = 0
    for (const entry of this.#entries()) {
      if (entry.subject.contentId !== null) items.push(itemOf(entry))
      this.#takenOver(entry)
      if (++looked % PICTURES_AT_ONCE > 0) continue
      add()
      await setImmediate() // others have their turn, a cancel for one
      await this.#control.checkpoint()
      if (this.#faults.signal.aborted) return
    }
    add()
  }

  /** The pictures that are to be computed; what has become known meanwhile is taken over on the way. */
  *missing(): Generator<VisionItem> {
    this.#underWay.clear()
    this.#twins.clear()
    for (const entry of this.#entries()) {
      if (this.#faults.signal.aborted) return
      const { subject, key } = entry
      if (this.#answered.has(subject.index)) continue
      const twins = this.#twins.get(key)
      if (twins) twins.push(entry)
      else if (!this.#takenOver(entry)) {
        this.#twins.set(key, [])
        this.#underWay.set(subject.index, entry)
        const partial = this.#partials.read(key)
        yield partial === undefined ? subject.item : { ...subject.item, partial }
      }
    }
  }

  *#entries(): Generator<Entry> {
    const seen = new Set<string>()
    for (const subject of this.#work.subjects()) {
      const key = this.#keyOf(subject)
      const ownKey = seen.has(key) ? `${key}:${subject.memberId ?? subject.file}` : key
      seen.add(key)
      yield { subject, key, ownKey }
    }
  }

  /** Of a picture that takes long: what it can go on from is kept, should it be cut off. */
  tell(index: number, progress: PictureProgress): void {
    const entry = this.#underWay.get(index)
    if (!entry) return
    if (progress.partial) this.#partials.keep(entry.key, progress.partial)
    this.#work.onPicture?.(entry.subject, progress)
  }

  add(result: VisionResult): void {
    const entry = this.#underWay.get(result.index)
    if (!entry) return
    const twins = this.#end(entry)
    const key = this.#keyFor(entry.subject, result.sha256)
    this.#computed++
    if (key === entry.key) {
      this.#known += twins.length
      for (const one of [entry, ...twins]) this.#store(one, result, one)
    } else {
      // The file has changed since it was looked at: what was found belongs to what it holds now.
      this.#store({ ...entry, ownKey: key }, result, entry)
      for (const twin of twins) this.#fail(twin, changedMeanwhile(twin.subject.file))
    }
    this.#work.onDone?.(entry.subject, result)
    this.#step()
  }

  fail(index: number, error: ErrorRecord): void {
    const entry = this.#underWay.get(index)
    if (!entry) return
    for (const one of [entry, ...this.#end(entry)]) this.#fail(one, error)
  }

  /** Waits until the disk has everything. @throws the fault of a result that could not be stored */
  async settle(): Promise<void> {
    await Promise.all(this.#writes)
    this.#faults.signal.throwIfAborted()
  }

  /** A file that cannot be read has a key of its own; the worker says what is wrong with it. */
  #keyOf(subject: RunSubject): string {
    try {
      return this.#keyFor(subject, contentIdOf(subject))
    } catch (error) {
      if (toErrorRecord(error).code === 'E_INTERNAL') throw error
      return this.#keyFor(subject, `unread ${subject.file}`)
    }
  }

  #keyFor({ about }: RunSubject, contentId: string): string {
    return itemKey(
      this.#work.determination,
      about === undefined ? contentId : `${contentId} ${about}`,
    )
  }

  #takenOver(entry: Entry): boolean {
    const { subject, key } = entry
    const { runs } = this.#project
    if (subject.needsPictures || !runs.hasResult(key)) return false
    const known = runs.resultFor(key)
    if (!known) return false
    this.#answered.add(subject.index)
    this.#known++
    this.#store(entry, foundIn(known), entry)
    this.#step()
    return true
  }

  /** Takes an entry off the books of what is under way; answers its twins. */
  #end({ subject, key }: Entry): readonly Entry[] {
    const twins = this.#twins.get(key) ?? []
    this.#underWay.delete(subject.index)
    this.#twins.delete(key)
    for (const one of [subject, ...twins.map((twin) => twin.subject)]) {
      this.#answered.add(one.index)
    }
    return twins
  }

  /** `planned` is the entry that the job's item was made of. */
  #store({ subject, ownKey }: Entry, found: Found, planned: Entry): void {
    const { detections, before, masks, notes, warnings, stages, sha256, width, height } = found
    const { certificates } = found
    const result: RunResult = {
      key: ownKey,
      file: subject.file,
      ...(subject.memberId === undefined ? {} : { memberId: subject.memberId }),
      ...{ detections, masks, notes, warnings, stages },
      ...(before ? { before } : {}),
      ...(certificates ? { certificates } : {}),
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
    }
    this.#write(planned, null, () => this.#project.runs.storeResult(this.#work.run.id, result))
  }

  #fail(entry: Entry, error: ErrorRecord): void {
    const { subject, ownKey } = entry
    this.#failed++
    const { file, memberId } = subject
    const failure = { key: ownKey, file, error, ...(memberId === undefined ? {} : { memberId }) }
    this.#write(entry, error, () => this.#project.runs.storeFailure(this.#work.run.id, failure))
    this.#work.onFailed?.(subject, error)
    this.#step()
  }

  #write(entry: Entry, error: ErrorRecord | null, store: () => Promise<'stored' | 'known'>): void {
    const written = (async () => {
      try {
        const { jobs } = this.#project
        // Both go to the disk together.
        const storing = store()
        const settling = jobs.settleItem(this.#control.jobId, itemOf(entry), error)
        const [stored] = await Promise.all([storing, settling])
        if (stored === 'stored') this.#changed = true
        // Not before: who is killed meanwhile goes on from there.
        this.#partials.forget(entry.key)
      } catch (fault) {
        this.#faults.abort(fault)
      }
    })()
    this.#writes.add(written)
    void written.then(() => this.#writes.delete(written))
  }

  #step(): void {
    const done = this.#computed + this.#known
    const { total } = this.#work
    this.#control.report({ done, failed: this.#failed, total, before: this.#known })
  }
}

/** What a job has of a picture: the key of its result, and its name. */
const itemOf = ({ subject, ownKey }: Entry): NewItem => ({
  key: ownKey,
  payload: { file: subject.file },
})

function foundIn(item: RunItemDetail): Found {
  const { found, before, change, masks, notes, warnings, stages, sha256, width, height } = item
  const plain = ({ box, score, classId }: Detection): Detection => ({ box, score, classId })
  return {
    detections: found.map(plain),
    ...(change === null ? {} : { before: before.map(plain) }),
    ...{ masks, notes, warnings, stages },
    ...(item.certificates.length > 0 ? { certificates: item.certificates } : {}),
    ...(sha256 === null ? {} : { sha256 }),
    ...(width === null ? {} : { width }),
    ...(height === null ? {} : { height }),
  }
}

const changedMeanwhile = (file: string): ErrorRecord => ({
  code: 'E_FILE_CHANGED',
  message: `${showPath(file)} was equal to a picture that has changed during the run.`,
  hint: 'Give the same command again: it goes on with what is missing.',
})

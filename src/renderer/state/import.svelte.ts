import type { ApiError, Output } from '../../shared/api'
import type { Grant } from '../../shared/desktop/bridge'
import { backend, desktop } from '../api'
import { chosenFiles, droppedFiles, MOST_UPLOADED, type DroppedFile } from '../client/dropped-files'
import { upload } from '../client/upload'
import { importText } from '../strings/import'
import { jobs } from './jobs.svelte'
import { showForeign } from '../strings/ui'
import { live } from './live.svelte'
import { places } from './places.svelte'
import { toasts } from './toasts.svelte'

export type ImportPreview = Output<'import.preview'>
export type ImportReport = Output<'import.report'>

export type ImportStep =
  | { readonly at: 'reading'; readonly text: string; readonly share: number | null }
  | { readonly at: 'preview'; readonly preview: ImportPreview }
  | { readonly at: 'importing'; readonly jobId: number }
  | { readonly at: 'report'; readonly report: ImportReport; readonly isWhole: boolean }
  | { readonly at: 'failed'; readonly error: ApiError }

/** Bringing pictures in: from a drop or a dialog over the preview to the report. One at a time. */
class Import {
  #step: ImportStep | null = $state.raw(null)
  /** Name of the data set to be. */
  name = $state('')
  /** Data set that it is added to; null: a new one. */
  into: number | null = $state(null)
  /** Data set that files are held over, for its row to show it. */
  heldOver: number | null = $state(null)
  #grant = ''
  #controller = new AbortController()

  /** Where it stands; null when nothing is being brought in. */
  get step(): ImportStep | null {
    return this.#step
  }

  /** Call it in the drop event itself. `into`: the data set that it was dropped on. */
  async drop(transfer: DataTransfer, into: number | null = null): Promise<void> {
    this.into = into
    if (desktop) {
      this.#begin()
      this.#takeGrant(await desktop.grantFiles([...transfer.files]))
    } else {
      const reading = droppedFiles(transfer)
      this.#begin()
      await this.files(await reading)
    }
  }

  async files(files: readonly DroppedFile[]): Promise<void> {
    const { signal } = this.#begin()
    if (files.length > MOST_UPLOADED) {
      this.#step = { at: 'failed', error: importText.tooMany(MOST_UPLOADED) }
      return
    }
    const bytes = files.reduce((sum, { file }) => sum + file.size, 0)
    const answer = await upload(files, signal, (done) => {
      if (signal.aborted) return
      this.#step = {
        at: 'reading',
        text: importText.sending(done.files, files.length),
        share: bytes === 0 ? null : done.bytes / bytes,
      }
    })
    if (signal.aborted) return
    if (answer.ok) {
      const { grant, refused } = answer.value
      if (refused.length > 0) {
        toasts.add(importText.refused(refused.map(({ name }) => showForeign(name))), 'warn')
      }
      await this.look(grant)
    } else this.#step = { at: 'failed', error: answer.error }
  }

  /** Looks at a granted place; `format` chooses another importer than the most certain one. */
  async look(grant: string, format?: string): Promise<void> {
    const { signal } = this.#begin()
    this.#grant = grant
    const answer = await backend.call(
      'import.preview',
      { grant, ...(format === undefined ? {} : { format }) },
      signal,
    )
    if (signal.aborted) return
    if (!answer.ok) {
      this.#step = { at: 'failed', error: answer.error }
      return
    }
    this.name = answer.value.suggestedName
    this.#step = { at: 'preview', preview: answer.value }
    live.say(answer.value.summary)
  }

  async recogniseAs(format: string): Promise<void> {
    await this.look(this.#grant, format)
  }

  async start(): Promise<void> {
    if (this.#step?.at !== 'preview') return
    const { format } = this.#step.preview
    const answer = await backend.call('import.start', {
      grant: this.#grant,
      ...(this.into === null
        ? { name: this.name.trim() || this.#step.preview.suggestedName }
        : { into: this.into }),
      format,
    })
    if (!answer.ok) {
      this.#step = { at: 'failed', error: answer.error }
      return
    }
    const { jobId } = answer.value
    this.#step = { at: 'importing', jobId }
    const job = await jobs.ended(jobId)
    const report = await backend.call('import.report', { jobId })
    if (!this.#isStill(jobId)) return
    if (job.state === 'failed' && job.error) this.#step = { at: 'failed', error: job.error }
    else if (report.ok) {
      this.#step = { at: 'report', report: report.value, isWhole: job.state === 'done' }
    } else this.#step = { at: 'failed', error: report.error }
  }

  /** Closes the panel; an import that runs is stopped, and what it had added goes. */
  cancel(): void {
    if (this.#step?.at === 'importing') void jobs.act('cancel', this.#step.jobId)
    this.close()
  }

  close(): void {
    this.#controller.abort()
    this.#step = null
    this.into = null
  }

  async takeFolder(): Promise<void> {
    this.into = null
    if (desktop) {
      const answer = await desktop.chooseFolder('import')
      if (answer.ok && answer.value === null) return
      this.#takeGrant(answer)
    } else {
      await places.loaded
      if (places.roots.length > 0) {
        const choice = await places.choose('import')
        if (choice === null) return
        if (choice !== 'own-files') {
          await this.look(choice.grant)
          return
        }
      }
      const files = await chooseInBrowser(true)
      if (files.length > 0) await this.files(files)
    }
  }

  async takeFiles(): Promise<void> {
    this.into = null
    if (desktop) {
      const answer = await desktop.chooseFiles('import')
      if (answer.ok && answer.value === null) return
      this.#takeGrant(answer)
    } else {
      const files = await chooseInBrowser(false)
      if (files.length > 0) await this.files(files)
    }
  }

  #takeGrant(
    answer:
      | { readonly ok: true; readonly value: Grant | null }
      | { readonly ok: false; readonly error: ApiError },
  ): void {
    if (!answer.ok) this.#step = { at: 'failed', error: answer.error }
    else if (answer.value) void this.look(answer.value.id)
  }

  /** A newer one takes the place of what was begun before. */
  #begin(): AbortController {
    this.#controller.abort()
    this.#controller = new AbortController()
    this.#step = { at: 'reading', text: importText.looking, share: null }
    return this.#controller
  }

  #isStill(jobId: number): boolean {
    return this.#step?.at === 'importing' && this.#step.jobId === jobId
  }
}

export const importing = new Import()

export const addFolder = (): Promise<void> => importing.takeFolder()
export const addFiles = (): Promise<void> => importing.takeFiles()

/** The browser's own dialog; an empty list when it was closed. */
function chooseInBrowser(folder: boolean): Promise<DroppedFile[]> {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = true
  input.webkitdirectory = folder
  return new Promise((resolve) => {
    input.addEventListener('change', () => {
      resolve(chosenFiles(input.files ?? []))
    })
    input.addEventListener('cancel', () => {
      resolve([])
    })
    input.click()
  })
}

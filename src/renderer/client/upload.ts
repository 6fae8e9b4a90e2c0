import type { Answer, ApiError } from '../../shared/api'
import type { DroppedFile } from './dropped-files'
import { projectHeaders } from './project-key'

const AT_ONCE = 4

export interface UploadProgress {
  readonly files: number
  readonly bytes: number
}

/** What came of sending files: the folder that they are now, and those that the service would not take. */
export interface Uploaded {
  readonly grant: string
  readonly refused: readonly { readonly name: string; readonly error: ApiError }[]
}

/**
 * Sends files to the service; together they become one granted folder. A file that is refused by its name or size is left
 * out and told, the others go on; an answer that no file will get better ends it. `onprogress` is called after every file.
 */
export async function upload(
  files: readonly DroppedFile[],
  signal: AbortSignal,
  onprogress: (done: UploadProgress) => void,
): Promise<Answer<Uploaded>> {
  const batch = crypto.randomUUID()
  const queue = [...files]
  const refused: { name: string; error: ApiError }[] = []
  const state = { done: { files: 0, bytes: 0 }, grant: '', end: null as ApiError | null }

  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const answer = await uploadOne(next, batch, signal)
      if (answer.ok) state.grant = answer.value.grant
      else if (ofOneFile.includes(answer.error.code)) {
        refused.push({ name: next.file.name, error: answer.error })
      } else {
        state.end ??= answer.error
        queue.length = 0
      }
      const { done } = state
      state.done = { files: done.files + 1, bytes: done.bytes + next.file.size }
      onprogress(state.done)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))

  const error = state.end ?? (state.grant === '' ? (refused[0]?.error ?? nothingToSend) : null)
  return error ? { ok: false, error } : { ok: true, value: { grant: state.grant, refused } }
}

/** Faults of one file; the next one may be taken. */
const ofOneFile = ['E_INPUT_INVALID', 'E_UPLOAD_TOO_LARGE', 'E_UPLOAD_FAILED']

async function uploadOne(
  { file, folder }: DroppedFile,
  batch: string,
  signal: AbortSignal,
): Promise<Answer<{ grant: string }>> {
  const query = new URLSearchParams({ name: file.name, batch })
  if (folder !== '') query.set('path', folder)
  try {
    const response = await fetch(`/upload?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', ...projectHeaders() },
      body: file,
      signal,
    })
    // The service answers every upload in this form.
    return (await response.json()) as Answer<{ grant: string }>
  } catch {
    return { ok: false, error: signal.aborted ? cancelled : unreadable(file.name) }
  }
}

const nothingToSend = {
  code: 'E_NOTHING_DROPPED',
  message: 'There is no file in what was dropped.',
  hint: 'Drop photographs, a folder of them, or a data set.',
}
const cancelled = {
  code: 'E_CANCELLED',
  message: 'This was cancelled.',
  hint: 'Drop the files again.',
}
const unreadable = (name: string) => ({
  code: 'E_UPLOAD_FAILED',
  message: `${name} could not be read or sent.`,
  hint: 'Check that the file is still there and the service is running, then drop it again.',
})

import { accessSync, type BigIntStats, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from '../engine/files/make-folder'
import { picturesOf } from '../engine/vision-job'
import type { RunFile } from '../engine/vision-run'
import { writeFault } from '../engine/files/write-file'
import { AppError } from '../shared/errors'
import { showPath, writeFailed } from '../shared/image-errors'

/** What a run is going to write. */
export interface Outputs {
  /** One file, such as that of the results. */
  readonly file?: string
  readonly folders: readonly string[]
  readonly pictures: readonly RunFile[]
}

/**
 * Makes the folders of all outputs and tells, before any work is done, what cannot be written or would be written over.
 * @throws AppError E_OUTPUT_IS_INPUT, E_WRITE_DENIED, E_WRITE_FAILED, E_DISK_FULL
 */
export function prepareOutputs(outputs: Outputs, inputs: readonly string[] = []): void {
  if (outputs.file !== undefined) prepareFile(outputs.file)
  for (const folder of outputs.folders) prepareFolder(folder)
  refuseInputs(outputs, inputs)
}

function prepareFile(path: string): void {
  const stats = statsOf(path)
  if (stats?.isDirectory()) throw writeFailed(path, 'a folder has this name')
  if (stats && !stats.isFile()) return // a device or a pipe stands where it stands
  prepareFolder(dirname(path), path)
}

/** `wanted` is what messages speak of: the folder, or the file in it. */
function prepareFolder(folder: string, wanted = folder): void {
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    const taken = statsOf(folder)
    if (taken && !taken.isDirectory())
      throw writeFailed(wanted, `${folder} is a file, not a folder`)
    throw writeFault(wanted, error)
  }
}

/** Originals are never written, whatever links and names lead to them. */
function refuseInputs({ file, pictures }: Outputs, inputs: readonly string[]): void {
  const written = pictures.flatMap((item) => picturesOf(item))
  const existing = [...(file === undefined ? [] : [file]), ...written].flatMap((path) => {
    const stats = statsOf(path)
    return stats?.isFile() ? [{ path, key: keyOf(stats) }] : []
  })
  if (existing.length === 0) return
  const read = new Set<string>()
  const sources = pictures.map(({ source }) =>
    typeof source === 'string' ? source : Buffer.from(source),
  )
  for (const source of [...sources, ...inputs]) {
    const stats = statsOf(source)
    if (stats) read.add(keyOf(stats))
  }
  const clash = existing.find(({ key }) => read.has(key))
  if (!clash) return
  throw new AppError(
    'E_OUTPUT_IS_INPUT',
    `${showPath(clash.path)} is read by this run and would be overwritten by its results`,
    'Originals are never written: name another file or folder for the results.',
  )
}

const keyOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`

/** What is there, if it can be looked at: writing tells the rest. */
function statsOf(path: string | Buffer): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true })
  } catch {
    return undefined
  }
}

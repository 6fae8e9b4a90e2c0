import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { errorCode } from '../../engine/files/read-file'
import { procedures, type Output } from '../../shared/api'
import { doctor } from '../../store'

/** What the doctor finds in a project that is open elsewhere; nothing is written. @throws AppError as `doctor` */
export async function examineProject(
  folder: string,
  input: unknown,
): Promise<Output<'project.doctor'>> {
  const { originals = false } = procedures['project.doctor'].input.parse(input)
  const findings = await doctor(folder, originals ? { hashFile } : {})
  return { findings: findings.map((finding) => ({ ...finding })) }
}

/** Null where there is no such file. */
async function hashFile(path: string): Promise<string | null> {
  if (!existsSync(path)) return null
  const digest = createHash('sha256')
  try {
    for await (const piece of createReadStream(path)) digest.update(piece as Uint8Array) // no encoding is set
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return null
    throw error
  }
  return digest.digest('hex')
}

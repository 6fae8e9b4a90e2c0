import { extname, relative, resolve } from 'node:path'
import { listImages } from '../engine/files/list-images'
import { readMask } from '../engine/images/read-mask'
import { AppError } from '../shared/errors'
import { type MaskQuality, maskQuality, type MaskSummary, summarizeMasks } from '../shared/metrics'
import { encodeMask } from '../shared/vision'
import { reportError } from './report-error'

export interface MaskEvaluation {
  readonly summary: MaskSummary
  /** By name: the way from the folder of true masks, without its ending. */
  readonly perImage: readonly (MaskQuality & { readonly name: string })[]
  /** True masks without a partner, and files that could not be read or compared; each was reported. */
  readonly failed: number
}

/**
 * Compares the masks of two folders that have the same names, whatever their endings.
 * @throws AppError for folders without pictures
 */
export async function evaluateMasks(
  foundFolder: string,
  truthFolder: string,
  signal: AbortSignal,
): Promise<MaskEvaluation> {
  const truths = await masksByName(truthFolder)
  const found = await masksByName(foundFolder)
  const perImage: (MaskQuality & { name: string })[] = []
  let failed = 0
  for (const [name, path] of truths) {
    signal.throwIfAborted()
    try {
      const partner = found.get(name)
      if (partner === undefined) throw maskMissing(name, foundFolder)
      const { mask: truth } = await readMask(path)
      const { mask } = await readMask(partner, { size: truth })
      perImage.push({ name, ...maskQuality(encodeMask(truth), encodeMask(mask)) })
    } catch (error) {
      reportError(error)
      failed++
    }
  }
  return { summary: summarizeMasks(perImage), perImage, failed }
}

async function masksByName(folder: string): Promise<Map<string, string | Uint8Array>> {
  const { files, problems } = await listImages([folder], { recursive: true })
  const [problem] = problems
  if (problem) throw new AppError(problem.code, problem.message, problem.hint)
  const masks = new Map<string, string | Uint8Array>()
  for (const { path, source } of files) {
    const name = relative(resolve(folder), resolve(path)).replaceAll('\\', '/')
    const stem = name.slice(0, name.length - extname(name).length)
    // `segment --probabilities` writes these beside the masks.
    if (!stem.endsWith('.probability')) masks.set(stem, source)
  }
  return masks
}

function maskMissing(name: string, folder: string): AppError {
  return new AppError(
    'E_MASK_MISSING',
    `there is no mask "${name}" in ${folder}`,
    'Both folders need masks of the same names, such as "patchwarden segment --out" writes.',
  )
}

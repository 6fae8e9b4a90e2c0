import { lstat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { outputFamilies } from '../../detectors'
import { toErrorRecord } from '../../shared/errors'
import type { ErrorRecord } from '../../shared/errors'
import type { ModelCard } from '../../shared/model-card'
import type { CardProposal, ModelSignature } from '../../shared/plugin/output-family'
import { parseCard } from './model-card-file'
import { modelLink, modelNotOnnx } from './model-errors'
import type { PrivateCopy } from './model-copy'
import { assertSafeOnnx, readOnnxFile } from './onnx-file'
import type { DeclaredTensor, OnnxHeader } from './onnx-file'
import { probeModel } from './probe-model'

/** How one run on a black picture went. */
export type ProbeResult =
  | {
      readonly ok: true
      readonly ms: number
      /** Dims that came back, by output. */
      readonly outputs: Readonly<Record<string, readonly number[]>>
    }
  | { readonly ok: false; readonly error: ErrorRecord }

/** What can be told of a model from its file and one run. */
export interface Recognition {
  readonly probe: ProbeResult
  readonly signature: ModelSignature | null
  readonly proposals: readonly CardProposal[]
}

/**
 * Reads the header of a private copy and refuses what is unsafe. `path` is where the user has the file.
 * @throws AppError E_MODEL_NOT_ONNX, E_MODEL_DOMAIN, E_MODEL_EXTERNAL_DATA, E_MODEL_LINK, E_MODEL_TOO_LARGE
 */
export async function readSafeHeader(copy: PrivateCopy, path: string): Promise<OnnxHeader> {
  const header = readOnnxFile(copy.path, copy.sizeBytes, path)
  for (const location of header.externalData) {
    const outside = join(dirname(path), location)
    const stats = await lstat(outside).catch(() => null)
    // The runtime refuses symbolic links but follows hard ones (measured): a model could read any file of this disk.
    if (stats?.isSymbolicLink()) throw modelLink(outside, 'is a symbolic link')
    if (stats?.isFile() && stats.nlink > 1) {
      throw modelLink(outside, `is a hard link: the file has ${stats.nlink} names`)
    }
  }
  assertSafeOnnx(header, path)
  return header
}

/** Runs the model on a black picture and asks every output family. Faults of the run are part of the answer. */
export async function recognizeModel(
  copy: PrivateCopy,
  header: OnnxHeader,
  path: string,
  threads = 1,
): Promise<Recognition> {
  const input = pictureInput(header)
  if (input === null) {
    const given = header.inputs.map(
      ({ name, type, dims }) => `${name} ${type} [${(dims ?? ['?']).join(', ')}]`,
    )
    const error = modelNotOnnx(
      path,
      `none or several of its inputs could be a picture: ${given.join('; ')}`,
    )
    return { probe: { ok: false, error: toErrorRecord(error) }, signature: null, proposals: [] }
  }
  try {
    const { ms, outputs } = await runOnBlack(copy, input, path, threads)
    const { producer, metadata } = header
    const signature = { input, outputs, producer, metadata }
    const dims = Object.entries(outputs).map(([name, tensor]) => [name, tensor.dims] as const)
    return {
      probe: { ok: true, ms, outputs: Object.fromEntries(dims) },
      signature,
      proposals: [...outputFamilies.values()].flatMap((family) => family.recognize(signature)),
    }
  } catch (error) {
    return { probe: { ok: false, error: toErrorRecord(error) }, signature: null, proposals: [] }
  }
}

export type PictureInput = ModelSignature['input']

function runOnBlack(copy: PrivateCopy, input: PictureInput, path: string, threads: number) {
  const { name, type, width, height } = input
  const picture = input.layout === 'nchw' ? [3, height, width] : [height, width, 3]
  const dims = input.batched ? [1, ...picture] : picture
  return probeModel({ path: copy.path, label: path, threads, feeds: [{ name, type, dims }] })
}

/** Sizes that a dynamic model is tried with, where its metadata name none. */
const usualSide = 640

/** The one input, if it has the form of a picture. */
export function pictureInput({ inputs, metadata }: OnnxHeader): PictureInput | null {
  const [only, ...others] = inputs
  if (only === undefined || others.length > 0) return null
  const { name, type } = only
  if (type !== 'float32' && type !== 'uint8') return null
  const form = pictureForm(only)
  if (form === null) return null
  const [height = usualSide, width = usualSide] = imageSizes(metadata)
  return {
    name,
    type,
    layout: form.layout,
    batched: form.batched,
    dynamic: typeof form.height === 'string' && typeof form.width === 'string',
    width: typeof form.width === 'number' ? form.width : width,
    height: typeof form.height === 'number' ? form.height : height,
  }
}

function pictureForm({ dims }: DeclaredTensor) {
  if (dims === undefined) return { layout: 'nchw' as const, batched: true, height: '?', width: '?' }
  const batched = dims.length === 4
  if (!batched && dims.length !== 3) return null
  const [batch] = dims
  if (batched && typeof batch === 'number' && batch !== 1) return null
  const [a, b, c] = batched ? dims.slice(1) : dims
  if (a === undefined || b === undefined || c === undefined) return null
  if (a === 3) return { layout: 'nchw' as const, batched, height: b, width: c }
  if (c === 3) return { layout: 'nhwc' as const, batched, height: a, width: b }
  if (typeof a === 'number') return null
  return { layout: 'nchw' as const, batched, height: b, width: c }
}

/** Ultralytics' `imgsz`, `[height, width]` as text. */
function imageSizes(metadata: Readonly<Record<string, string>>): number[] {
  return (
    (metadata['imgsz'] ?? '')
      .match(/\d+/g)
      ?.map(Number)
      .filter((side) => side >= 32 && side <= 4096) ?? []
  )
}

/** Parts of a card that replace proposed ones, such as the answers to its questions. */
export type CardOverrides = Readonly<Record<string, unknown>>

/** A whole card from a proposal. @throws AppError E_MODEL_CARD_INVALID where it lacks something */
export function completeCard(
  proposal: CardProposal,
  input: PictureInput,
  copy: PrivateCopy,
  path: string,
  overrides: CardOverrides = {},
): ModelCard {
  const { name, layout, type, width, height, dynamic } = input
  const proposed = {
    id: proposedId(path, copy.sha256),
    task: 'detect',
    file: 'model.onnx',
    sha256: copy.sha256,
    licence: 'unknown',
    origin: `${basename(path)}, recognised as ${proposal.family}: ${proposal.reasons.join('; ')}`,
    ...proposal.card,
    input: {
      ...{ name, layout, type, width, height, dynamic, multipleOf: dynamic ? 32 : 1 },
      ...proposal.card.input,
    },
  }
  return parseCard(mergeCard(proposed, overrides), `proposed card of ${path}`)
}

/** `overrides` win, field by field within `input`, `output` and `nms`; lists are replaced whole. */
export function mergeCard(base: object, overrides: CardOverrides): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(overrides)) {
    const before = merged[key]
    merged[key] = isRecord(before) && isRecord(value) ? { ...before, ...value } : value
  }
  return merged
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** From the file's name, or its folder's where that says nothing, and the digest, so that two files never share one. */
function proposedId(path: string, sha256: string): string {
  const file = basename(path).replace(/\.onnx$/i, '')
  const name = file.toLowerCase() === 'model' ? basename(dirname(path)) : file
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
  return `${slug.slice(0, 60) || 'model'}-${sha256.slice(0, 8)}`
}

import { closeSync, openSync } from 'node:fs'
import { modelDomain, modelExternalData, modelNotOnnx, modelTooDeep } from './model-errors'
import { readOnnxModel } from './onnx-reader'
import { fileSource, memorySource, ProtobufError } from './protobuf'
import type { ByteSource } from './protobuf'
import { AppError } from '../../shared/errors'

/** Declared type and shape of one input or output. A dim is a size, a symbol, or '?' where nothing is said. */
export interface DeclaredTensor {
  readonly name: string
  /** `float32`, `uint8`, `int64` …; `other` for what is not a dense tensor. */
  readonly type: string
  /** Absent where the file declares no shape at all. */
  readonly dims?: readonly (number | string)[]
}

/** What an ONNX file says of itself, read without loading it. */
export interface OnnxHeader {
  readonly irVersion: number
  readonly producer: string
  readonly producerVersion: string
  readonly opsets: readonly { readonly domain: string; readonly version: number }[]
  /** `metadata_props`; exporters such as Ultralytics keep class names and sizes here. */
  readonly metadata: Readonly<Record<string, string>>
  /** Without initializers, which old exports list among the inputs. */
  readonly inputs: readonly DeclaredTensor[]
  readonly outputs: readonly DeclaredTensor[]
  /** Of all graphs, functions included. */
  readonly nodeCount: number
  /** Domains of the operators in use ('' is the standard one), and of functions. */
  readonly operatorDomains: readonly string[]
  readonly initializerCount: number
  /** Bytes of weights inside the file. */
  readonly initializerBytes: number
  /** 1 for a plain graph; each graph inside a node's attribute adds one. */
  readonly graphDepth: number
  /** Files that hold weights outside, as written in the model. */
  readonly externalData: readonly string[]
}

/** platform.md, section 8: "Loading a model safely". */
export const onnxLimits = {
  fileBytes: 2 ** 31,
  graphDepth: 8,
  domains: ['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft'] as readonly string[],
}

/** @throws AppError E_MODEL_NOT_ONNX, E_MODEL_TOO_LARGE; errors of the file system as they are */
export function readOnnxFile(path: string, size: number, label = path): OnnxHeader {
  const descriptor = openSync(path, 'r')
  try {
    return readOnnx(fileSource(descriptor, size), label)
  } finally {
    closeSync(descriptor)
  }
}

/** @throws AppError E_MODEL_NOT_ONNX, E_MODEL_TOO_LARGE. `label` names the bytes in errors. */
export function readOnnxBytes(bytes: Uint8Array, label: string): OnnxHeader {
  return readOnnx(memorySource(bytes), label)
}

/** Refuses what must not reach the runtime. @throws AppError E_MODEL_DOMAIN, E_MODEL_EXTERNAL_DATA */
export function assertSafeOnnx(header: OnnxHeader, path: string): void {
  const foreign = [...header.operatorDomains, ...header.opsets.map(({ domain }) => domain)].find(
    (domain) => !onnxLimits.domains.includes(domain),
  )
  if (foreign !== undefined) throw modelDomain(path, foreign)
  const outside = header.externalData[0]
  if (outside !== undefined) throw modelExternalData(path, outside)
}

function readOnnx(source: ByteSource, label: string): OnnxHeader {
  if (source.size === 0) throw modelNotOnnx(label, 'the file is empty')
  try {
    const header = readOnnxModel(source, label, onnxLimits.graphDepth)
    if (header.graphDepth > onnxLimits.graphDepth) throw modelTooDeep(label, onnxLimits.graphDepth)
    const missing = missingPart(header)
    if (missing !== undefined) throw modelNotOnnx(label, `it has no ${missing}`)
    return header
  } catch (error) {
    if (error instanceof AppError) throw error
    if (!(error instanceof ProtobufError)) throw error
    const reason = holdsText(source)
      ? 'it holds text'
      : `${error.message} (byte ${error.position} of ${source.size})`
    throw modelNotOnnx(label, reason, error)
  }
}

/** A page that a server sent in place of the file, a link of Git LFS, a card. */
function holdsText(source: ByteSource): boolean {
  const length = Math.min(source.size, 64)
  for (let at = 0; at < length; at++) {
    const byte = source.byteAt(at)
    if ((byte < 32 || byte > 126) && byte !== 9 && byte !== 10 && byte !== 13) return false
  }
  return length > 0
}

/** Any short text is a protobuf message by chance; a model also has these. */
function missingPart(header: OnnxHeader): string | undefined {
  if (header.irVersion < 1) return 'format version'
  if (header.opsets.length === 0) return 'operator set'
  if (header.outputs.length === 0) return 'outputs'
  return undefined
}

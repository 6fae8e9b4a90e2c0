import {
  bytesField,
  floatField,
  join,
  messageField,
  textField,
  varintField,
} from './protobuf-writer'
import type { Part } from './protobuf-writer'

// Field numbers are those of onnx.proto (github.com/onnx/onnx).

export type OnnxType = 'float32' | 'uint8' | 'int32' | 'int64' | 'float16'
const typeNumbers: Record<OnnxType, number> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  float16: 10,
}

/** Declared input or output; symbolic dims are texts. */
export interface OnnxValue {
  readonly name: string
  readonly type?: OnnxType
  readonly dims?: readonly (number | string)[]
}

export interface OnnxTensor {
  readonly name: string
  readonly type?: OnnxType
  readonly dims: readonly number[]
  readonly data: readonly number[]
  /** Keeps the values in this file instead. */
  readonly external?: string
}

export type OnnxAttribute = number | readonly number[] | { readonly float: number } | OnnxGraph

export interface OnnxNode {
  readonly op: string
  readonly domain?: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly initializers?: readonly OnnxTensor[]
}

export interface OnnxModel extends OnnxGraph {
  readonly producer?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly opsets?: readonly { readonly domain: string; readonly version: number }[]
}

/** An ONNX file (ir_version 8, opset 13 unless said otherwise). */
export function writeOnnx(model: OnnxModel): Uint8Array {
  const opsets = model.opsets ?? [{ domain: '', version: 13 }]
  return join([
    varintField(1, 8),
    textField(2, model.producer ?? 'patchwarden tests'),
    messageField(7, graphParts(model)),
    ...opsets.map(({ domain, version }) =>
      messageField(8, [textField(1, domain), varintField(2, version)]),
    ),
    ...Object.entries(model.metadata ?? {}).map(([key, value]) =>
      messageField(14, [textField(1, key), textField(2, value)]),
    ),
  ])
}

function graphParts(graph: OnnxGraph): Part[] {
  return [
    ...graph.nodes.map((node) => messageField(1, nodeParts(node))),
    textField(2, 'graph'),
    ...(graph.initializers ?? []).map((tensor) => messageField(5, tensorParts(tensor))),
    ...graph.inputs.map((value) => messageField(11, valueParts(value))),
    ...graph.outputs.map((value) => messageField(12, valueParts(value))),
  ]
}

function nodeParts(node: OnnxNode): Part[] {
  return [
    ...node.inputs.map((name) => textField(1, name)),
    ...node.outputs.map((name) => textField(2, name)),
    textField(4, node.op),
    ...Object.entries(node.attributes ?? {}).map(([name, value]) =>
      messageField(5, [textField(1, name), ...attributeParts(value)]),
    ),
    ...(node.domain === undefined ? [] : [textField(7, node.domain)]),
  ]
}

function attributeParts(value: OnnxAttribute): Part[] {
  if (typeof value === 'number') return [varintField(3, value), varintField(20, 2)]
  if ('float' in value) return [floatField(2, value.float), varintField(20, 1)]
  if ('nodes' in value) return [messageField(6, graphParts(value)), varintField(20, 5)]
  return [...value.map((item) => varintField(8, item)), varintField(20, 7)]
}

function tensorParts({ name, type = 'float32', dims, data, external }: OnnxTensor): Part[] {
  return [
    ...dims.map((dim) => varintField(1, dim)),
    varintField(2, typeNumbers[type]),
    textField(8, name),
    ...(external === undefined
      ? [bytesField(9, rawData(type, data))]
      : [messageField(13, [textField(1, 'location'), textField(2, external)]), varintField(14, 1)]),
  ]
}

export function rawData(type: OnnxType, data: readonly number[]): Uint8Array {
  if (type === 'uint8') return Uint8Array.from(data)
  if (type === 'int64') return new Uint8Array(BigInt64Array.from(data.map(BigInt)).buffer)
  if (type === 'int32') return new Uint8Array(Int32Array.from(data).buffer)
  if (type === 'float16') throw new TypeError('float16 tensors are only declared in tests')
  return new Uint8Array(Float32Array.from(data).buffer)
}

function valueParts({ name, type = 'float32', dims }: OnnxValue): Part[] {
  const shape = (dims ?? []).map((dim) =>
    messageField(1, [typeof dim === 'number' ? varintField(1, dim) : textField(2, dim)]),
  )
  const tensorType = [
    varintField(1, typeNumbers[type]),
    ...(dims === undefined ? [] : [messageField(2, shape)]),
  ]
  return [textField(1, name), messageField(2, [messageField(1, tensorType)])]
}

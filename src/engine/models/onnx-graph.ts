import { elementTypes } from './onnx-reader'
import { memorySource, ProtobufError, readFields } from './protobuf'
import type { ByteSource, Field, Span } from './protobuf'

export interface GraphNode {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

export interface GraphWeight {
  /** `float32`, `int64` … */
  readonly type: string
  readonly dims: readonly number[]
}

/** The outermost graph of a model: what it computes with which weights. Graphs inside of nodes are not looked into. */
export interface OnnxGraph {
  readonly nodes: readonly GraphNode[]
  /** Initialisers by name. */
  readonly weights: ReadonlyMap<string, GraphWeight>
  readonly outputs: readonly string[]
}

/**
 * Reads a model that is trusted and small enough to be in memory; `readOnnxFile` is for others.
 * Field numbers are those of onnx.proto (github.com/onnx/onnx).
 * @throws ProtobufError
 */
export function readOnnxGraph(bytes: Uint8Array): OnnxGraph {
  const source = memorySource(bytes)
  const graph = [...readFields(source, { from: 0, to: source.size })].find(
    ({ number }) => number === 7,
  )
  if (graph === undefined) throw new ProtobufError('there is no graph', 0)
  const nodes: GraphNode[] = []
  const weights = new Map<string, GraphWeight>()
  const outputs: string[] = []
  for (const field of readFields(source, spanOf(graph))) {
    if (field.number === 1) nodes.push(readNode(source, spanOf(field)))
    else if (field.number === 5) {
      const { name, ...weight } = readWeight(source, spanOf(field))
      weights.set(name, weight)
    } else if (field.number === 12) {
      for (const part of readFields(source, spanOf(field))) {
        if (part.number === 1) outputs.push(text(source, part))
      }
    }
  }
  return { nodes, weights, outputs }
}

/** Numbers that were learned: the elements of all floating-point and 8-bit initialisers. */
export function countParameters({ weights }: OnnxGraph): number {
  const learned = ['float32', 'float16', 'bfloat16', 'float64', 'int8', 'uint8']
  let count = 0
  for (const { type, dims } of weights.values()) {
    if (learned.includes(type)) count += dims.reduce((product, dim) => product * dim, 1)
  }
  return count
}

/** NodeProto */
function readNode(source: ByteSource, span: Span): GraphNode {
  const inputs: string[] = []
  const outputs: string[] = []
  let operator = ''
  for (const field of readFields(source, span)) {
    if (field.number === 1) inputs.push(text(source, field))
    else if (field.number === 2) outputs.push(text(source, field))
    else if (field.number === 4) operator = text(source, field)
  }
  return { operator, inputs, outputs }
}

/** TensorProto */
function readWeight(source: ByteSource, span: Span): GraphWeight & { name: string } {
  const dims: number[] = []
  let type = 'other'
  let name = ''
  for (const field of readFields(source, span)) {
    if (field.number === 1) dims.push(...numbers(source, field))
    else if (field.number === 2) type = elementTypes[numbers(source, field)[0] ?? 0] ?? 'other'
    else if (field.number === 8) name = text(source, field)
  }
  return { name, type, dims }
}

/** One number, or several packed into one field: writers do as they like. */
function numbers(source: ByteSource, field: Field): number[] {
  if ('varint' in field) return [Number(field.varint)]
  const { from, to } = spanOf(field)
  const values: number[] = []
  let [value, scale] = [0, 1]
  for (let at = from; at < to; at++) {
    const byte = source.byteAt(at)
    value += (byte & 0x7f) * scale
    scale *= 128
    if (byte >= 0x80) continue
    values.push(value)
    ;[value, scale] = [0, 1]
  }
  return values
}

function spanOf(field: Field): Span {
  if ('span' in field) return field.span
  throw new ProtobufError(`field ${field.number} is no message`, 0)
}

function text(source: ByteSource, field: Field): string {
  const { from, to } = spanOf(field)
  return new TextDecoder().decode(source.slice(from, to))
}

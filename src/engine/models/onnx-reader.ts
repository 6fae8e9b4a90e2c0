import { modelTooDeep, modelTooLarge } from './model-errors'
import type { DeclaredTensor, OnnxHeader } from './onnx-file'
import { ProtobufError, readFields } from './protobuf'
import type { ByteSource, Field, Span } from './protobuf'

// Field numbers are those of onnx.proto (github.com/onnx/onnx), which promises not to change them.

const limits = { textBytes: 65_536, metadataBytes: 1_048_576, items: 2_000_000, names: 100_000 }

interface Draft {
  irVersion: number
  producer: string
  producerVersion: string
  readonly opsets: { domain: string; version: number }[]
  readonly metadata: Record<string, string>
  readonly inputs: DeclaredTensor[]
  readonly outputs: DeclaredTensor[]
  readonly initializers: Set<string>
  readonly domains: Set<string>
  readonly external: Set<string>
  nodeCount: number
  initializerCount: number
  initializerBytes: number
  graphDepth: number
}

/**
 * Walks a model once. Weights are stepped over; names, shapes and counts are kept, with a bound on each, so that a
 * hostile file costs time in proportion to its size and little memory.
 * @throws ProtobufError, AppError E_MODEL_TOO_LARGE
 */
export function readOnnxModel(source: ByteSource, label: string, maxDepth: number): OnnxHeader {
  const reader = new ModelReader(source, label, maxDepth)
  reader.model({ from: 0, to: source.size })
  const { initializers, domains, external, inputs, ...draft } = reader.draft
  return {
    ...draft,
    inputs: inputs.filter(({ name }) => !initializers.has(name)),
    operatorDomains: [...domains],
    externalData: [...external],
  }
}

class ModelReader {
  readonly draft: Draft = {
    irVersion: 0,
    producer: '',
    producerVersion: '',
    opsets: [],
    metadata: {},
    inputs: [],
    outputs: [],
    initializers: new Set(),
    domains: new Set(),
    external: new Set(),
    nodeCount: 0,
    initializerCount: 0,
    initializerBytes: 0,
    graphDepth: 0,
  }
  readonly #source: ByteSource
  readonly #label: string
  readonly #maxDepth: number
  #items = 0
  #metadataBytes = 0

  constructor(source: ByteSource, label: string, maxDepth: number) {
    this.#source = source
    this.#label = label
    this.#maxDepth = maxDepth
  }

  /** ModelProto */
  model(span: Span): void {
    for (const field of this.#fields(span)) {
      if (field.number === 1) this.draft.irVersion = int(field)
      else if (field.number === 2) this.draft.producer = this.#text(field)
      else if (field.number === 3) this.draft.producerVersion = this.#text(field)
      else if (field.number === 7) this.#graph(contents(field), 1)
      else if (field.number === 8) this.#opset(contents(field))
      else if (field.number === 14) this.#metadata(contents(field))
      else if (field.number === 25) this.#function(contents(field))
    }
  }

  /** GraphProto; only the outermost graph's inputs and outputs are the model's. */
  #graph(span: Span, depth: number): void {
    if (depth > this.#maxDepth) throw modelTooDeep(this.#label, this.#maxDepth)
    this.draft.graphDepth = Math.max(this.draft.graphDepth, depth)
    for (const field of this.#fields(span)) {
      if (field.number === 1) this.#node(contents(field), depth)
      else if (field.number === 5) this.#tensor(contents(field), depth === 1)
      else if (field.number === 15) this.#sparseTensor(contents(field))
      else if (depth === 1 && (field.number === 11 || field.number === 12)) {
        const list = field.number === 11 ? this.draft.inputs : this.draft.outputs
        this.#bound(list.length, limits.names, 'inputs or outputs')
        list.push(this.#valueInfo(contents(field)))
      }
    }
  }

  /** NodeProto */
  #node(span: Span, depth: number): void {
    this.draft.nodeCount++
    let domain = ''
    for (const field of this.#fields(span)) {
      if (field.number === 5) this.#attribute(contents(field), depth)
      else if (field.number === 7) domain = this.#text(field)
    }
    this.#domain(domain)
  }

  /** AttributeProto: tensors (t, tensors, sparse ones) and graphs (g, graphs) hide here. */
  #attribute(span: Span, depth: number): void {
    for (const field of this.#fields(span)) {
      if (field.number === 5 || field.number === 10) this.#tensor(contents(field), false)
      else if (field.number === 6 || field.number === 11) this.#graph(contents(field), depth + 1)
      else if (field.number === 22 || field.number === 23) this.#sparseTensor(contents(field))
    }
  }

  /** FunctionProto */
  #function(span: Span): void {
    for (const field of this.#fields(span)) {
      if (field.number === 7) this.#node(contents(field), 1)
      else if (field.number === 9) this.#opset(contents(field))
      else if (field.number === 10) this.#domain(this.#text(field))
      else if (field.number === 11) this.#attribute(contents(field), 1)
    }
  }

  /** OperatorSetIdProto */
  #opset(span: Span): void {
    let domain = ''
    let version = 0
    for (const field of this.#fields(span)) {
      if (field.number === 1) domain = this.#text(field)
      else if (field.number === 2) version = int(field)
    }
    this.#bound(this.draft.opsets.length, 1_000, 'operator sets')
    this.draft.opsets.push({ domain, version })
  }

  #metadata(span: Span): void {
    this.#metadataBytes += span.to - span.from
    this.#bound(this.#metadataBytes, limits.metadataBytes, 'bytes of metadata')
    const [key, value] = this.#entry(span)
    // A plain `__proto__` would be lost in an object literal, and no exporter writes one.
    if (key !== '__proto__') this.draft.metadata[key] = value
  }

  /** TensorProto: its values are stepped over, and where they lie elsewhere, the place is noted. */
  #tensor(span: Span, isInitializer: boolean): void {
    let outside = false
    const locations: string[] = []
    for (const field of this.#fields(span)) {
      if (field.number === 8 && isInitializer) this.#initializerName(this.#text(field))
      else if (field.number === 9) this.draft.initializerBytes += length(field)
      else if (field.number === 14) outside = int(field) === 1
      else if (field.number === 13) {
        const [key, value] = this.#entry(contents(field))
        if (key === 'location') locations.push(value)
      } else if (field.number === 4 || field.number === 5 || field.number === 7) {
        this.draft.initializerBytes += length(field)
      } else if (field.number === 10 || field.number === 11) {
        this.draft.initializerBytes += length(field)
      }
    }
    if (isInitializer) this.draft.initializerCount++
    if (!outside && locations.length === 0) return
    this.#bound(this.draft.external.size, limits.names, 'files outside')
    for (const location of locations.length > 0 ? locations : ['']) {
      this.draft.external.add(location)
    }
  }

  #sparseTensor(span: Span): void {
    for (const field of this.#fields(span)) {
      if (field.number === 1 || field.number === 2) this.#tensor(contents(field), false)
    }
  }

  /** ValueInfoProto */
  #valueInfo(span: Span): DeclaredTensor {
    let name = ''
    let declared: Omit<DeclaredTensor, 'name'> = { type: 'other' }
    for (const field of this.#fields(span)) {
      if (field.number === 1) name = this.#text(field)
      else if (field.number === 2) {
        for (const kind of this.#fields(contents(field))) {
          if (kind.number === 1) declared = this.#tensorType(contents(kind))
        }
      }
    }
    return { name, ...declared }
  }

  /** TypeProto.Tensor */
  #tensorType(span: Span): Omit<DeclaredTensor, 'name'> {
    let type = 'other'
    let dims: (number | string)[] | undefined
    for (const field of this.#fields(span)) {
      if (field.number === 1) type = elementTypes[int(field)] ?? 'other'
      else if (field.number === 2) {
        dims = []
        for (const dim of this.#fields(contents(field))) {
          if (dim.number !== 1) continue
          this.#bound(dims.length, 64, 'dimensions')
          dims.push(this.#dim(contents(dim)))
        }
      }
    }
    return dims === undefined ? { type } : { type, dims }
  }

  #dim(span: Span): number | string {
    let dim: number | string = '?'
    for (const field of this.#fields(span)) {
      if (field.number === 1) dim = int(field)
      else if (field.number === 2) dim = this.#text(field) || '?'
    }
    return typeof dim === 'number' && dim < 1 ? '?' : dim
  }

  /** StringStringEntryProto */
  #entry(span: Span): [key: string, value: string] {
    let key = ''
    let value = ''
    for (const field of this.#fields(span)) {
      if (field.number === 1) key = this.#text(field)
      else if (field.number === 2) value = this.#text(field, limits.metadataBytes)
    }
    return [key, value]
  }

  #initializerName(name: string): void {
    // Names serve only to tell inputs from weights.
    if (this.draft.initializers.size < limits.names) this.draft.initializers.add(name)
  }

  #domain(domain: string): void {
    this.#bound(this.draft.domains.size, 1_000, 'operator domains')
    this.draft.domains.add(domain)
  }

  *#fields(span: Span): Generator<Field> {
    for (const field of readFields(this.#source, span)) {
      this.#bound(++this.#items, 10 * limits.items, 'fields')
      yield field
    }
  }

  #text(field: Field, limit = limits.textBytes): string {
    const span = contents(field)
    if (span.to - span.from > limit) {
      throw new ProtobufError(`a name of ${span.to - span.from} bytes`, span.from)
    }
    return decoder.decode(this.#source.slice(span.from, span.to))
  }

  #bound(count: number, limit: number, what: string): void {
    if (count > limit) throw modelTooLarge(this.#label, `more than ${limit} ${what}`, String(limit))
  }
}

const decoder = new TextDecoder()

/** TensorProto.DataType */
export const elementTypes: Readonly<Record<number, string>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  16: 'bfloat16',
}

/** Whatever follows a message-typed or text field must have that form; anything else is damage. */
function contents(field: Field): Span {
  if ('span' in field) return field.span
  throw new ProtobufError(`field ${field.number} is a number where a message belongs`, 0)
}

function int(field: Field): number {
  if ('varint' in field) return Number(BigInt.asIntN(64, field.varint))
  throw new ProtobufError(`field ${field.number} is no number`, 0)
}

/** Bytes of a packed or raw array; unpacked numbers come one by one and count as one byte each. */
function length(field: Field): number {
  return 'span' in field ? field.span.to - field.span.from : 1
}

import { itemBytes, type ItemType } from '../number-items'
import {
  ArrayData,
  PickleArray,
  PickleData,
  PickleDtype,
  PickleName,
  PickleStorage,
  PickleTuple,
  Tensor,
  type PickleValue,
} from './pickle-values'

/** What the container around a pickle knows and what it may refuse. */
export interface PickleHost {
  readonly file: string
  /** What a persistent id stands for. */
  storage(id: PickleValue): PickleStorage
  /** Counts the bytes of an array; throws when arrays claim more than the file can hold. */
  claim(bytes: number): void
  malformed(reason: string): Error
}

const latin1Names: readonly string[] = ['latin1', 'latin-1', 'iso-8859-1']
const itemTypes: ReadonlySet<string> = new Set(Object.keys(itemBytes))
const maxAxes = 32

/** `numpy.dtype('f4', False, True)` */
export function makeDtype(args: PickleTuple, host: PickleHost): PickleDtype {
  const code = textOf(args.items[0])
  const type = code === '?' ? 'b1' : code?.replace(/^[<>|=]/, '')
  if (type === undefined || !isItemType(type) || type === 'bf2') {
    throw host.malformed(`an array holds items of the unknown type ${JSON.stringify(code)}`)
  }
  const dtype = new PickleDtype(type)
  dtype.bigEndian = code?.startsWith('>') ?? false
  return dtype
}

/** The state of a dtype: `(3, '<', …)`. */
export function setDtypeState(dtype: PickleDtype, state: PickleValue, host: PickleHost): void {
  const order = state instanceof PickleTuple ? textOf(state.items[1]) : undefined
  if (order === undefined || !['<', '>', '|', '='].includes(order)) {
    throw host.malformed('the byte order of an array is not told')
  }
  dtype.bigEndian = order === '>'
}

/** `numpy.core.multiarray._reconstruct(ndarray, (0,), b'b')` */
export function makeArray(args: PickleTuple, host: PickleHost): PickleArray {
  const [type] = args.items
  if (!(type instanceof PickleName) || type.name !== 'numpy.ndarray') {
    throw host.malformed('an array of an unknown class is to be made')
  }
  return new PickleArray()
}

/** The state of an array: `(1, shape, dtype, is_fortran, bytes)`. */
export function setArrayState(array: PickleArray, state: PickleValue, host: PickleHost): void {
  if (!(state instanceof PickleTuple) || state.items.length !== 5 || array.tensor !== null) {
    throw host.malformed('the state of an array is not understood')
  }
  const [, sides, dtype, fortran, data] = state.items
  const shape = wholeNumbers(sides, host)
  if (!(dtype instanceof PickleDtype) || typeof fortran !== 'boolean') {
    throw host.malformed('the state of an array is not understood')
  }
  array.tensor = makeTensor(dtype, shape, data, fortran, host)
}

/** `numpy.core.multiarray.scalar(dtype, bytes)` as an array without axes. */
export function makeScalar(args: PickleTuple, host: PickleHost): Tensor {
  const [dtype, data] = args.items
  if (!(dtype instanceof PickleDtype)) throw host.malformed('a number has no type')
  return makeTensor(dtype, [], data, false, host)
}

/** `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)` */
export function rebuildTensor(args: PickleTuple, host: PickleHost): Tensor {
  const [storage, offset, sides, steps] = args.items
  if (!(storage instanceof PickleStorage)) throw host.malformed('a tensor has no storage')
  if (!isWhole(offset)) throw host.malformed('a tensor starts at no whole number')
  const shape = wholeNumbers(sides, host)
  const strides = wholeNumbers(steps, host)
  if (strides.length !== shape.length) throw host.malformed('a tensor has a stride too many')
  const items = shape.reduce((product, side) => product * side, 1)
  const last = shape.reduce((sum, side, axis) => sum + (side - 1) * strides[axis]!, offset)
  if (items > 0 && last >= storage.count) {
    throw host.malformed(`a tensor reaches item ${last} of a storage of ${storage.count}`)
  }
  if (items > storage.count) throw host.malformed('a tensor repeats items of its storage')
  return new Tensor(storage.type, shape, strides, offset, storage.data, storage.bigEndian)
}

/** `_codecs.encode(text, 'latin1')` */
export function encodeText(args: PickleTuple, host: PickleHost): PickleData {
  const [text, encoding] = args.items
  if (!(text instanceof PickleData) || text.kind !== 'text') {
    throw host.malformed('bytes are to be made of something that is no text')
  }
  if (!latin1Names.includes(textOf(encoding) ?? '')) {
    throw host.malformed('bytes are to be made with another encoding than latin1')
  }
  return text.asBytes()
}

export function textOf(value: PickleValue | undefined): string | undefined {
  return value instanceof PickleData ? (value.text ?? undefined) : undefined
}

export function isItemType(type: string): type is ItemType {
  return itemTypes.has(type)
}

export function isWhole(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function makeTensor(
  { type, bigEndian }: PickleDtype,
  shape: readonly number[],
  data: PickleValue | undefined,
  fortran: boolean,
  host: PickleHost,
): Tensor {
  // Python 2 wrote byte strings as text without an encoding.
  if (!(data instanceof PickleData) || (data.kind === 'text' && data.form === 'latin1')) {
    throw host.malformed('the bytes of an array are missing')
  }
  const bytes = shape.reduce((product, side) => product * side, itemBytes[type])
  host.claim(bytes)
  // In latin1 form the exact number shows when the bytes are read.
  const fits =
    data.form === 'raw' ? data.length === bytes : data.length >= bytes && data.length <= 2 * bytes
  if (!fits) {
    throw host.malformed(
      `an array of ${shape.join('x')} items of ${itemBytes[type]} bytes comes with ${data.length} bytes`,
    )
  }
  const where = new ArrayData(host.file, data.form, data.at, data.length)
  const strides = fortran ? columnStrides(shape) : rowStrides(shape)
  return new Tensor(type, shape, strides, 0, where, bigEndian)
}

/** Steps of an array whose last axis changes fastest. */
export function rowStrides(shape: readonly number[]): number[] {
  return columnStrides(shape.toReversed()).toReversed()
}

function columnStrides(shape: readonly number[]): number[] {
  let step = 1
  return shape.map((side) => {
    const stride = step
    step *= side
    return stride
  })
}

function wholeNumbers(value: PickleValue | undefined, host: PickleHost): readonly number[] {
  const items = value instanceof PickleTuple ? value.items : undefined
  if (!items?.every(isWhole) || items.length > maxAxes) {
    throw host.malformed('the shape of an array is no short list of whole numbers')
  }
  if (items.reduce((product, side) => product * side, 1) > Number.MAX_SAFE_INTEGER) {
    throw host.malformed('the shape of an array is out of all bounds')
  }
  return items
}

import type { ItemType } from '../number-items'

/**
 * Text or bytes of a pickle, still in the file: `length` bytes from `at` on. `latin1` means that they are UTF-8 of which
 * each character 0…255 stands for one byte, as protocol 2 writes byte strings.
 */
export class PickleData {
  readonly kind: 'text' | 'bytes'
  readonly form: 'raw' | 'latin1'
  readonly at: number
  readonly length: number
  /** The text, if it is short enough to be a name. */
  readonly text: string | null

  constructor(
    kind: 'text' | 'bytes',
    form: 'raw' | 'latin1',
    at: number,
    length: number,
    text: string | null,
  ) {
    this.kind = kind
    this.form = form
    this.at = at
    this.length = length
    this.text = text
  }

  asBytes(): PickleData {
    return new PickleData('bytes', this.form, this.at, this.length, this.text)
  }
}

export class PickleTuple {
  readonly items: readonly PickleValue[]

  constructor(items: readonly PickleValue[]) {
    this.items = items
  }
}

export class PickleList {
  readonly items: PickleValue[] = []
}

/** Keys are texts or numbers; texts that are too long to be names are refused as keys. */
export class PickleDict {
  readonly entries = new Map<string | number | bigint | boolean | null, PickleValue>()
}

/** A name of the allowed table, such as `numpy.ndarray`. */
export class PickleName {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** `numpy.dtype`, complete once its state has told the byte order. */
export class PickleDtype {
  readonly type: ItemType
  bigEndian = false

  constructor(type: ItemType) {
    this.type = type
  }
}

/** Where the numbers of arrays lie in the file. In legacy files that is known only after the pickle has been read. */
export class ArrayData {
  readonly file: string
  readonly form: 'raw' | 'latin1'
  at: number | null
  /** In the file: with `latin1` up to twice as many as the array has. */
  readonly length: number

  constructor(file: string, form: 'raw' | 'latin1', at: number | null, length: number) {
    this.file = file
    this.form = form
    this.at = at
    this.length = length
  }
}

/** A torch storage: a flat list of numbers. */
export class PickleStorage {
  readonly type: ItemType
  readonly count: number
  readonly data: ArrayData
  readonly bigEndian: boolean

  constructor(type: ItemType, count: number, data: ArrayData, bigEndian: boolean) {
    this.type = type
    this.count = count
    this.data = data
    this.bigEndian = bigEndian
  }
}

/** An array or tensor that is still in its file: read it with `tensorChunks`. */
export class Tensor {
  readonly type: ItemType
  readonly shape: readonly number[]
  /** In items, for each axis. */
  readonly strides: readonly number[]
  /** The first item, counted in `data`. */
  readonly offset: number
  readonly data: ArrayData
  readonly bigEndian: boolean

  constructor(
    type: ItemType,
    shape: readonly number[],
    strides: readonly number[],
    offset: number,
    data: ArrayData,
    bigEndian: boolean,
  ) {
    this.type = type
    this.shape = shape
    this.strides = strides
    this.offset = offset
    this.data = data
    this.bigEndian = bigEndian
  }

  get itemCount(): number {
    return this.shape.reduce((product, side) => product * side, 1)
  }
}

/** `numpy.ndarray` as the pickle makes it: empty first, filled by its state. */
export class PickleArray {
  tensor: Tensor | null = null
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | PickleData
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleName
  | PickleDtype
  | PickleStorage
  | PickleArray
  | Tensor

import type { ByteReader } from './byte-reader'
import { setArrayState, setDtypeState, textOf, type PickleHost } from './pickle-arrays'
import { callName, nameOf } from './pickle-names'
import {
  PickleArray,
  PickleData,
  PickleDict,
  PickleDtype,
  PickleList,
  PickleTuple,
  type PickleValue,
} from './pickle-values'
import { pickleForbidden } from './torch-errors'

const maxDepth = 1000
/** Python hands lists and dictionaries over in batches of 1,000 entries, which lie above the last mark. */
const maxBatch = 2000
const maxMemo = 10_000
/** A file of a few arrays needs hundreds; the limit keeps a file of small objects from filling the memory. */
const maxInstructions = 1_000_000
/** Longer texts are never names; they stay in the file. */
const maxShortText = 512

/**
 * Interprets one pickle (protocols 2 to 5) without running anything: it understands lists, dictionaries, numbers, texts and
 * the few names that arrays and tensors are made of. `reader` stands behind the pickle afterwards. Arrays stay in the file.
 * @throws AppError E_PICKLE_FORBIDDEN (any other name), E_PICKLE_MALFORMED
 */
export async function readPickle(reader: ByteReader, host: PickleHost): Promise<PickleValue> {
  const machine = new Machine(reader, host)
  for (let count = 0; count < maxInstructions; count++) {
    await reader.lookAhead()
    const done = machine.step(reader.uint8())
    if (done) return machine.result()
  }
  throw reader.malformed(`it has more than ${maxInstructions} instructions`)
}

class Machine {
  readonly #reader: ByteReader
  readonly #host: PickleHost
  readonly #stack: PickleValue[] = []
  /** Heights of the stack. */
  readonly #marks: number[] = []
  readonly #memo = new Map<number, PickleValue>()

  constructor(reader: ByteReader, host: PickleHost) {
    this.#reader = reader
    this.#host = host
  }

  result(): PickleValue {
    const value = this.#pop()
    if (this.#stack.length > 0) throw this.#reader.malformed('it ends with values left over')
    return value
  }

  /** Executes one instruction; true when it was the last. Codes and names as in Python's `pickletools`. */
  step(code: number): boolean {
    const reader = this.#reader
    switch (code) {
      case 0x80: // PROTO
        if (reader.uint8() > 5) throw reader.malformed('its protocol is unknown')
        break
      case 0x95: // FRAME
        reader.uint64()
        break
      case 0x2e: // STOP
        return true
      case 0x28: // MARK
        if (this.#marks.length >= maxDepth) throw this.#tooDeep()
        this.#marks.push(this.#stack.length)
        break
      case 0x30: // POP
        if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop()
        else this.#pop()
        break
      case 0x31: // POP_MARK
        this.#popMark()
        break
      case 0x32: // DUP
        this.#push(this.#top())
        break
      case 0x4e: // NONE
        this.#push(null)
        break
      case 0x88: // NEWTRUE
        this.#push(true)
        break
      case 0x89: // NEWFALSE
        this.#push(false)
        break
      case 0x4a: // BININT
        this.#push(reader.int32())
        break
      case 0x4b: // BININT1
        this.#push(reader.uint8())
        break
      case 0x4d: // BININT2
        this.#push(reader.uint16())
        break
      case 0x8a: // LONG1
        this.#push(this.#long(reader.uint8()))
        break
      case 0x8b: // LONG4
        this.#push(this.#long(reader.uint32()))
        break
      case 0x47: // BINFLOAT
        this.#push(reader.float64BigEndian())
        break
      case 0x55: // SHORT_BINSTRING
        this.#data('text', 'raw', reader.uint8())
        break
      case 0x54: // BINSTRING
        this.#data('text', 'raw', reader.uint32())
        break
      case 0x8c: // SHORT_BINUNICODE
        this.#data('text', 'latin1', reader.uint8())
        break
      case 0x58: // BINUNICODE
        this.#data('text', 'latin1', reader.uint32())
        break
      case 0x8d: // BINUNICODE8
        this.#data('text', 'latin1', reader.uint64())
        break
      case 0x43: // SHORT_BINBYTES
        this.#data('bytes', 'raw', reader.uint8())
        break
      case 0x42: // BINBYTES
        this.#data('bytes', 'raw', reader.uint32())
        break
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        this.#data('bytes', 'raw', reader.uint64())
        break
      case 0x29: // EMPTY_TUPLE
        this.#push(new PickleTuple([]))
        break
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        this.#tuple(code - 0x84)
        break
      case 0x74: // TUPLE
        this.#push(new PickleTuple(this.#popMark()))
        break
      case 0x5d: // EMPTY_LIST
        this.#push(new PickleList())
        break
      case 0x61: // APPEND
        this.#append([this.#pop()])
        break
      case 0x65: // APPENDS
        this.#append(this.#popMark())
        break
      case 0x7d: // EMPTY_DICT
        this.#push(new PickleDict())
        break
      case 0x73: {
        // SETITEM
        const value = this.#pop()
        this.#setItems([this.#pop(), value])
        break
      }
      case 0x75: // SETITEMS
        this.#setItems(this.#popMark())
        break
      case 0x71: // BINPUT
        this.#remember(reader.uint8())
        break
      case 0x72: // LONG_BINPUT
        this.#remember(reader.uint32())
        break
      case 0x94: // MEMOIZE
        this.#remember(this.#memo.size)
        break
      case 0x68: // BINGET
        this.#recall(reader.uint8())
        break
      case 0x6a: // LONG_BINGET
        this.#recall(reader.uint32())
        break
      case 0x63: {
        // GLOBAL
        const module = asciiOf(reader.line())
        this.#push(nameOf(module, asciiOf(reader.line()), reader.file))
        break
      }
      case 0x93: // STACK_GLOBAL
        this.#stackGlobal()
        break
      case 0x51: // BINPERSID
        this.#push(this.#host.storage(this.#pop()))
        break
      case 0x52: {
        // REDUCE
        const args = this.#pop()
        this.#push(callName(this.#pop(), args, this.#host))
        break
      }
      case 0x62: // BUILD
        this.#build()
        break
      case 0x69: {
        // INST, an old form of a call
        const module = asciiOf(reader.line())
        throw pickleForbidden(reader.file, `${module}.${asciiOf(reader.line())}`)
      }
      default:
        throw this.#unknown(code)
    }
    return false
  }

  #push(value: PickleValue): void {
    const base = this.#marks.at(-1)
    const above = this.#stack.length - (base ?? 0)
    const tooMany =
      base === undefined
        ? above >= maxDepth
        : base + this.#marks.length > maxDepth || above >= maxBatch
    if (tooMany) throw this.#tooDeep()
    this.#stack.push(value)
  }

  #pop(): PickleValue {
    const value = this.#top()
    this.#stack.pop()
    return value
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1)
    if (value === undefined || this.#marks.at(-1) === this.#stack.length) {
      throw this.#reader.malformed('an instruction finds too few values')
    }
    return value
  }

  #popMark(): PickleValue[] {
    const mark = this.#marks.pop()
    if (mark === undefined) throw this.#reader.malformed('a list has no beginning')
    return this.#stack.splice(mark)
  }

  #long(bytes: number): number | bigint {
    if (bytes > 32) throw this.#reader.malformed(`a number of ${bytes} bytes`)
    let value = 0n
    for (const byte of this.#reader.take(bytes).toReversed()) value = (value << 8n) | BigInt(byte)
    value = BigInt.asIntN(8 * bytes, value)
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }

  #data(kind: 'text' | 'bytes', form: 'raw' | 'latin1', length: number): void {
    const at = this.#reader.position
    if (length > maxShortText) {
      this.#reader.skip(length)
      this.#push(new PickleData(kind, form, at, length, null))
      return
    }
    const text = asciiOf(this.#reader.take(length))
    this.#push(new PickleData(kind, form, at, length, text))
  }

  #tuple(size: number): void {
    const items: PickleValue[] = []
    for (let i = 0; i < size; i++) items.unshift(this.#pop())
    this.#push(new PickleTuple(items))
  }

  #append(items: readonly PickleValue[]): void {
    const list = this.#top()
    if (!(list instanceof PickleList)) throw this.#reader.malformed('it appends to no list')
    list.items.push(...items)
  }

  #setItems(items: readonly PickleValue[]): void {
    const dict = this.#top()
    if (!(dict instanceof PickleDict) || items.length % 2 !== 0) {
      throw this.#reader.malformed('it sets entries of no dictionary')
    }
    for (let i = 0; i < items.length; i += 2) {
      dict.entries.set(this.#key(items[i]!), items[i + 1]!)
    }
  }

  #key(value: PickleValue): string | number | bigint | boolean | null {
    if (value instanceof PickleData && value.text !== null) return value.text
    if (value === null || typeof value !== 'object') return value
    throw this.#reader.malformed('a dictionary has a key that is neither name nor number')
  }

  #remember(index: number): void {
    if (this.#memo.size >= maxMemo && !this.#memo.has(index)) {
      throw this.#reader.malformed(`it remembers more than ${maxMemo} values`)
    }
    this.#memo.set(index, this.#top())
  }

  #recall(index: number): void {
    const value = this.#memo.get(index)
    if (value === undefined) throw this.#reader.malformed(`it recalls value ${index} too early`)
    this.#push(value)
  }

  #stackGlobal(): void {
    const name = textOf(this.#pop())
    const module = textOf(this.#pop())
    if (name === undefined || module === undefined) {
      throw this.#reader.malformed('a name is no text')
    }
    this.#push(nameOf(module, name, this.#reader.file))
  }

  #build(): void {
    const state = this.#pop()
    const target = this.#top()
    if (target instanceof PickleArray) setArrayState(target, state, this.#host)
    else if (target instanceof PickleDtype) setDtypeState(target, state, this.#host)
    else throw this.#reader.malformed('it sets the state of something that has none')
  }

  #tooDeep() {
    return this.#reader.malformed(`its values are nested deeper than ${maxDepth}`)
  }

  #unknown(code: number) {
    const shown = `instruction 0x${code.toString(16).padStart(2, '0')}`
    // OBJ, NEWOBJ, NEWOBJ_EX, EXT1, EXT2, EXT4, PERSID, NEXT_BUFFER: they make objects or fetch them from elsewhere.
    const makes = [0x6f, 0x81, 0x92, 0x82, 0x83, 0x84, 0x50, 0x97].includes(code)
    return makes ? pickleForbidden(this.#reader.file, shown) : this.#reader.malformed(shown)
  }
}

/** Names are ASCII; other bytes become characters of their own, which match nothing and show up in messages. */
function asciiOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

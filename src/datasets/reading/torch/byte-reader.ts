import type { FileSource } from '../../../shared/dataset'
import { pickleMalformed } from './torch-errors'

const pieceBytes = 65_536
/** No instruction needs more at once, except for texts and bytes, which are stepped over. */
const ahead = 1024

/** Reads a part of a file forward through a small window: long arrays are stepped over, not loaded. */
export class ByteReader {
  readonly #files: FileSource
  readonly file: string
  readonly #end: number
  #window: Uint8Array = new Uint8Array(0)
  #view = new DataView(this.#window.buffer)
  /** Position of the window in the file. */
  #start: number
  /** Position in the window. */
  #at = 0

  /** Reads `file` from `start` up to `end`. */
  constructor(files: FileSource, file: string, start: number, end: number) {
    this.#files = files
    this.file = file
    this.#start = start
    this.#end = end
  }

  /** Position in the file. */
  get position(): number {
    return this.#start + this.#at
  }

  get left(): number {
    return this.#end - this.position
  }

  malformed(reason: string) {
    return pickleMalformed(this.file, reason, this.position)
  }

  /** Call before each instruction: afterwards the next kilobyte, or all that is left, is at hand. */
  async lookAhead(bytes = ahead): Promise<void> {
    if (this.#window.length - this.#at >= Math.min(bytes, this.left)) return
    this.#start += this.#at
    this.#at = 0
    const length = Math.min(Math.max(bytes, pieceBytes), this.#end - this.#start)
    this.#window = await this.#files.readAt(this.file, this.#start, length)
    const { buffer, byteOffset, byteLength } = this.#window
    this.#view = new DataView(buffer, byteOffset, byteLength)
  }

  /** @throws AppError E_PICKLE_MALFORMED when fewer bytes are left, as all that follow */
  skip(bytes: number): void {
    if (bytes > this.left) throw this.malformed('it is cut short')
    this.#at += bytes
    if (this.#at <= this.#window.length) return
    this.#start += this.#at
    this.#at = 0
    this.#window = new Uint8Array(0)
  }

  /** A view of the next bytes, at most as many as were looked ahead for. */
  take(bytes: number): Uint8Array {
    const at = this.#step(bytes)
    return this.#window.subarray(at, at + bytes)
  }

  uint8(): number {
    return this.#window[this.#step(1)]!
  }

  uint16(): number {
    return this.#view.getUint16(this.#step(2), true)
  }

  int32(): number {
    return this.#view.getInt32(this.#step(4), true)
  }

  uint32(): number {
    return this.#view.getUint32(this.#step(4), true)
  }

  /** A length of eight bytes. */
  uint64(): number {
    const low = this.uint32()
    return this.uint32() * 2 ** 32 + low
  }

  float64BigEndian(): number {
    return this.#view.getFloat64(this.#step(8))
  }

  /** The bytes up to the next line break, which is left behind. */
  line(): Uint8Array {
    const end = this.#window.indexOf(10, this.#at)
    if (end < 0 || end - this.#at > ahead / 2) {
      throw this.malformed('a name is cut short or longer than 512 bytes')
    }
    const line = this.#window.subarray(this.#at, end)
    this.#at = end + 1
    return line
  }

  #step(bytes: number): number {
    const at = this.#at
    if (at + bytes > this.#window.length) throw this.malformed('it is cut short')
    this.#at += bytes
    return at
  }
}

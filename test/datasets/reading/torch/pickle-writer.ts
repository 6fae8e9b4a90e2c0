import { encodeUtf8, joinBytes } from './bytes'

/** Writes pickles of protocol 2 as `torch.save` and NumPy do, instruction by instruction. */
export class PickleWriter {
  readonly #parts: Uint8Array[] = [Uint8Array.of(0x80, 2)]

  /** Single instructions, by their characters. */
  op(...codes: (string | number)[]): this {
    this.#parts.push(
      Uint8Array.from(codes.map((code) => (typeof code === 'string' ? code.charCodeAt(0) : code))),
    )
    return this
  }

  text(text: string): this {
    const bytes = encodeUtf8(text)
    const head = new Uint8Array(5)
    head[0] = 0x58
    new DataView(head.buffer).setUint32(1, bytes.length, true)
    this.#parts.push(head, bytes)
    return this
  }

  int(value: number): this {
    const bytes = new Uint8Array(5)
    bytes[0] = 0x4a
    new DataView(bytes.buffer).setInt32(1, value, true)
    this.#parts.push(bytes)
    return this
  }

  /** A whole number of any size, as eleven bytes. */
  long(value: bigint): this {
    const bytes = Array.from({ length: 11 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
    return this.op(0x8a, 11, ...bytes)
  }

  ints(values: readonly number[]): this {
    this.op('(')
    for (const value of values) this.int(value)
    return this.op('t')
  }

  name(module: string, name: string): this {
    this.#parts.push(encodeUtf8(`c${module}\n${name}\n`))
    return this
  }

  /** Bytes as protocol 2 writes them: text in which each character is one byte. */
  bytes(bytes: Uint8Array): this {
    this.name('_codecs', 'encode')
    let text = ''
    for (const byte of bytes) text += String.fromCharCode(byte)
    return this.text(text).text('latin1').op(0x86, 'R')
  }

  array(options: {
    readonly dtype: string
    readonly order?: '<' | '>' | '|'
    readonly shape: readonly number[]
    readonly bytes: Uint8Array
    readonly fortran?: boolean
    readonly module?: string
  }): this {
    this.name(options.module ?? 'numpy.core.multiarray', '_reconstruct').name('numpy', 'ndarray')
    this.ints([0]).bytes(Uint8Array.of(98)).op(0x87, 'R')
    this.op('(').int(1).ints(options.shape)
    this.name('numpy', 'dtype').text(options.dtype).op(0x89, 0x88, 0x87, 'R')
    this.op('(')
      .int(3)
      .text(options.order ?? '<')
      .op('N', 'N', 'N')
      .int(-1)
      .int(-1)
      .int(0)
      .op('t')
    this.op('b', options.fortran === true ? 0x88 : 0x89)
    return this.bytes(options.bytes).op('t', 'b')
  }

  tensor(options: {
    readonly storage: string
    readonly key: string
    readonly count: number
    readonly offset?: number
    readonly shape: readonly number[]
    readonly strides: readonly number[]
    readonly legacy?: boolean
  }): this {
    this.name('torch._utils', '_rebuild_tensor_v2').op('(', '(')
    this.text('storage').name('torch', options.storage).text(options.key).text('cpu')
    this.int(options.count)
    if (options.legacy === true) this.op('N')
    this.op('t', 'Q').int(options.offset ?? 0)
    this.ints(options.shape).ints(options.strides).op(0x89)
    return this.name('collections', 'OrderedDict').op(')', 'R', 't', 'R')
  }

  end(): Uint8Array {
    return joinBytes([...this.#parts, Uint8Array.of(0x2e)])
  }
}

/** A dictionary whose values are written by the functions given. */
export function writeDict(entries: Readonly<Record<string, (to: PickleWriter) => unknown>>) {
  const writer = new PickleWriter().op('}', '(')
  for (const [key, write] of Object.entries(entries)) write(writer.text(key))
  return writer.op('u').end()
}

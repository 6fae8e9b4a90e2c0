/** Just enough of the protobuf wire format to write ONNX files in tests. */

export type Part = Uint8Array

export function varintField(number: number, value: number | bigint): Part {
  return Uint8Array.from([...varint(BigInt(number) << 3n), ...varint(BigInt(value))])
}

export function bytesField(number: number, contents: Uint8Array): Part {
  return join([
    Uint8Array.from([...varint((BigInt(number) << 3n) | 2n), ...varint(BigInt(contents.length))]),
    contents,
  ])
}

export function textField(number: number, text: string): Part {
  return bytesField(number, new TextEncoder().encode(text))
}

export function messageField(number: number, parts: readonly Part[]): Part {
  return bytesField(number, join(parts))
}

export function floatField(number: number, value: number): Part {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return Uint8Array.from([...varint((BigInt(number) << 3n) | 5n), ...bytes])
}

export function join(parts: readonly Part[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function varint(value: bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  do {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    bytes.push(rest === 0n ? low : low | 0x80)
  } while (rest !== 0n)
  return bytes
}

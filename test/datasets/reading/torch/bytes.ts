export function encodeUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

export function floatBytes(values: readonly number[], little = true): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length))
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, little)
  })
  return new Uint8Array(view.buffer)
}

/** A zip of stored entries, as torch writes it (check sums are left 0: the reader does not look at them). */
export function storedZip(entries: Readonly<Record<string, Uint8Array>>, method = 0): Uint8Array {
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let at = 0
  for (const [name, bytes] of Object.entries(entries)) {
    const nameBytes = encodeUtf8(name)
    const local = new DataView(new ArrayBuffer(30))
    local.setUint32(0, 0x04034b50, true)
    local.setUint16(8, method, true)
    local.setUint32(18, bytes.length, true)
    local.setUint32(22, bytes.length, true)
    local.setUint16(26, nameBytes.length, true)
    const central = new DataView(new ArrayBuffer(46))
    central.setUint32(0, 0x02014b50, true)
    central.setUint16(10, method, true)
    central.setUint32(20, bytes.length, true)
    central.setUint32(24, bytes.length, true)
    central.setUint16(28, nameBytes.length, true)
    central.setUint32(42, at, true)
    directory.push(new Uint8Array(central.buffer), nameBytes)
    parts.push(new Uint8Array(local.buffer), nameBytes, bytes)
    at += 30 + nameBytes.length + bytes.length
  }
  const list = joinBytes(directory)
  const end = new DataView(new ArrayBuffer(22))
  end.setUint32(0, 0x06054b50, true)
  end.setUint16(8, Object.keys(entries).length, true)
  end.setUint16(10, Object.keys(entries).length, true)
  end.setUint32(12, list.length, true)
  end.setUint32(16, at, true)
  return joinBytes([...parts, list, new Uint8Array(end.buffer)])
}

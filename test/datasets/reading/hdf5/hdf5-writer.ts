import h5wasm from 'h5wasm'

let module: typeof h5wasm.ready | undefined
let count = 0

export interface WrittenDataset {
  readonly data: Float32Array | Float64Array | Uint8Array | Int16Array | Int32Array
  readonly shape: number[]
  readonly chunks?: number[]
  readonly compression?: 'gzip'
}

/** An HDF5 file as the reference library writes it. */
export async function writeHdf5(
  datasets: Readonly<Record<string, WrittenDataset>>,
): Promise<Uint8Array> {
  module ??= h5wasm.ready
  const { FS } = await module
  const name = `/written-${count++}.h5`
  const file = new h5wasm.File(name, 'w')
  for (const [key, { data, shape, chunks, compression }] of Object.entries(datasets)) {
    file.create_dataset({
      name: key,
      data,
      shape,
      ...(chunks === undefined ? {} : { chunks }),
      ...(compression === undefined ? {} : { compression }),
    })
  }
  file.close()
  const bytes = FS.readFile(name)
  FS.unlink(name)
  return bytes.slice()
}

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { AppError } from '../src/shared/errors'
import type { RgbImage } from '../src/shared/vision'

export interface LabelledPicture {
  readonly image: RgbImage
  /** Index of its class. */
  readonly label: number
}

export type PictureSet = 'CIFAR-10' | 'MNIST'

const files: Readonly<Record<PictureSet, string>> = {
  'CIFAR-10': 'test-1000.bin.gz',
  MNIST: 't10k-images-idx3-ubyte.gz',
}

/** The test pictures in a folder: CIFAR-10's first thousand in its binary format, or MNIST's in its own. */
export function readTestPictures(folder: string): {
  readonly set: PictureSet
  readonly pictures: readonly LabelledPicture[]
} {
  if (existsSync(join(folder, files['CIFAR-10']))) {
    return { set: 'CIFAR-10', pictures: cifar(unzipped(folder, files['CIFAR-10'])) }
  }
  if (existsSync(join(folder, files.MNIST))) {
    const digits = unzipped(folder, files.MNIST)
    return { set: 'MNIST', pictures: mnist(digits, unzipped(folder, 't10k-labels-idx1-ubyte.gz')) }
  }
  throw new AppError(
    'E_USAGE',
    `${folder} holds neither ${Object.values(files).join(' nor ')}`,
    'Name a folder with test pictures of CIFAR-10 or of MNIST.',
  )
}

/** `count` of them, evenly over the set. */
export const spread = (pictures: readonly LabelledPicture[], count: number): LabelledPicture[] =>
  Array.from(
    { length: Math.min(count, pictures.length) },
    (_, i) => pictures[Math.floor((i * pictures.length) / Math.min(count, pictures.length))]!,
  )

const unzipped = (folder: string, file: string): Buffer =>
  gunzipSync(readFileSync(join(folder, file)))

/** A byte of label and three planes of 32x32 each. */
function cifar(bytes: Buffer): LabelledPicture[] {
  const size = 1 + 3 * 1024
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, n) => {
    const row = bytes.subarray(size * n, size * (n + 1))
    const data = Uint8Array.from(
      { length: 3072 },
      (_value, i) => row[1 + (i % 3) * 1024 + Math.floor(i / 3)]!,
    )
    return { image: { data, width: 32, height: 32 }, label: row[0]! }
  })
}

/** Grey bytes behind 16 bytes of head, and labels behind 8. */
function mnist(digits: Buffer, labels: Buffer): LabelledPicture[] {
  const size = 28 * 28
  return Array.from({ length: labels.length - 8 }, (_, n) => {
    const row = digits.subarray(16 + size * n, 16 + size * (n + 1))
    const data = Uint8Array.from({ length: 3 * size }, (_value, i) => row[Math.floor(i / 3)]!)
    return { image: { data, width: 28, height: 28 }, label: labels[8 + n]! }
  })
}

import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  closeSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import folderImporter from '../src/datasets/folder/importer'
import { diskSource } from '../src/engine/import/disk-source'
import { importRecords } from '../src/engine/import/import-records'
import type { BenchHost } from './host'
import { benchCocoImport } from './import-coco'
import { printTable } from './measure'

const FILES = 5_000
const FILES_IN_A_FOLDER = 1_000
const ROUNDS = 3
const SIDE = 32

/**
 * The whole command on a large COCO file, and files a second of an import without thumbnails, beside a loop that only opens, reads and hashes the same files: the most
 * that any import can reach on this disk.
 */
export async function benchImport(_paths: readonly string[], host: BenchHost): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'patchwarden-bench-'))
  try {
    const files = writePictures(root)
    // Both once before they count, so that neither pays for a cold disk or cold code.
    hashAll(files)
    await importAll(root)
    const rows: string[][] = []
    for (let round = 1; round <= ROUNDS; round++) {
      const limit = await rate(() => {
        hashAll(files)
        return Promise.resolve()
      })
      const own = await rate(() => importAll(root))
      rows.push([
        String(round),
        ...[limit.rate, own.rate].map((value) => value.toFixed(0)),
        ...[limit, own].map(({ cpuSeconds }) => (FILES / cpuSeconds).toFixed(0)),
        (own.cpuSeconds / limit.cpuSeconds).toFixed(2),
      ])
    }
    console.log(`import of ${FILES} PNG files of ${SIDE}x${SIDE} pixels, no thumbnails\n`)
    printTable(
      [
        'round',
        'hash only, files/s',
        'import, files/s',
        'hash only, files/s of one core',
        'import, files/s of one core',
        'cost ratio',
      ],
      rows,
    )
    console.log('\nOf one core: files over processor seconds, which other programs do not change.')
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  await benchCocoImport(host)
}

async function rate(work: () => Promise<void>) {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  return { rate: FILES / seconds, cpuSeconds: (user + system) / 1e6 }
}

async function importAll(root: string): Promise<void> {
  let images = 0
  const source = await diskSource(root)
  for await (const record of importRecords(source, folderImporter, { labels: 'none' })) {
    if (record.kind === 'problem') throw new Error(record.problem.message)
    if (record.kind === 'image') images++
  }
  if (images !== FILES) throw new Error(`${images} of ${FILES} pictures were imported`)
}

function hashAll(files: readonly string[]): void {
  const bytes = new Uint8Array(1 << 16)
  for (const path of files) {
    const digest = createHash('sha256')
    const file = openSync(path, 'r')
    for (let length = bytes.length; length === bytes.length;) {
      length = readSync(file, bytes)
      digest.update(bytes.subarray(0, length))
    }
    closeSync(file)
    digest.digest('hex')
  }
}

/** Small pictures, no two alike. */
function writePictures(root: string): readonly string[] {
  const files: string[] = []
  for (let i = 0; i < FILES; i++) {
    const folder = join(root, String(Math.floor(i / FILES_IN_A_FOLDER)))
    if (i % FILES_IN_A_FOLDER === 0) mkdirSync(folder)
    const path = join(folder, `${i}.png`)
    writeFileSync(path, tinyPng(i))
    files.push(path)
  }
  return files
}

function tinyPng(seed: number): Uint8Array {
  const rows = new Uint8Array(SIDE * (1 + 3 * SIDE))
  let state = seed + 1
  for (let i = 0; i < rows.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    if (i % (1 + 3 * SIDE) !== 0) rows[i] = state >>> 24
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(SIDE, 0)
  header.writeUInt32BE(SIDE, 4)
  header.set([8, 2], 8)
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    start,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array(0)),
  ])
}

function chunk(type: string, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + body.length)
  bytes.writeUInt32BE(body.length, 0)
  bytes.write(type, 4, 'latin1')
  bytes.set(body, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + body.length)), 8 + body.length)
  return bytes
}

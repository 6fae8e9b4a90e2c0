// Draws the icons of the packages from build/icon.svg. ICO and ICNS are plain containers of PNG pictures, written here,
// so that no tool has to be fetched for them.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

const icoSizes = [16, 24, 32, 48, 64, 128, 256]
/** Types of Apple's format by edge length; the "@2x" ones hold the same pictures. */
const icnsTypes = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
  ['ic11', 32],
  ['ic12', 64],
  ['ic13', 256],
  ['ic14', 512],
]
const linuxSizes = [16, 32, 48, 64, 128, 256, 512]

/** Writes icon.ico, icon.icns and linux/<size>x<size>.png into `folder`. */
export async function makeIcons(packageRoot, folder) {
  const svg = await readFile(join(packageRoot, 'build', 'icon.svg'))
  const drawn = new Map()
  const png = async (size) => {
    const known = drawn.get(size) ?? (await sharp(svg).resize(size, size).png().toBuffer())
    drawn.set(size, known)
    return known
  }
  await mkdir(join(folder, 'linux'), { recursive: true })
  for (const size of linuxSizes) {
    await writeFile(join(folder, 'linux', `${size}x${size}.png`), await png(size))
  }
  await writeFile(join(folder, 'icon.ico'), await ico(png))
  await writeFile(join(folder, 'icon.icns'), await icns(png))
}

async function ico(png) {
  const pictures = await Promise.all(icoSizes.map(png))
  const header = Buffer.alloc(6 + 16 * pictures.length)
  header.writeUInt16LE(1, 2)
  header.writeUInt16LE(pictures.length, 4)
  let offset = header.length
  pictures.forEach((picture, k) => {
    const entry = 6 + 16 * k
    const edge = icoSizes[k] === 256 ? 0 : icoSizes[k]
    header.writeUInt8(edge, entry)
    header.writeUInt8(edge, entry + 1)
    header.writeUInt16LE(1, entry + 4)
    header.writeUInt16LE(32, entry + 6)
    header.writeUInt32LE(picture.length, entry + 8)
    header.writeUInt32LE(offset, entry + 12)
    offset += picture.length
  })
  return Buffer.concat([header, ...pictures])
}

async function icns(png) {
  const parts = []
  for (const [type, size] of icnsTypes) {
    const picture = await png(size)
    parts.push(Buffer.from(type, 'latin1'), length(picture.length + 8), picture)
  }
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from('icns', 'latin1'), length(body.length + 8), body])
}

function length(bytes) {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(bytes)
  return buffer
}

// A folder that electron-builder takes for an unpacked Electron: enough to pack the archive, place native libraries and
// flip fuses where the real one cannot be had. What comes out is for checking and cannot be started.
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Marks the fuse wire in every Electron binary; see the package @electron/fuses. */
export const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const WIRE_VERSION = 1
const OFF = '0'

/** `fuseCount` fuses, all off, as the real wire begins with its version and length. */
export async function makeStandIn(folder, { version, fuseCount }) {
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'locales'), { recursive: true })
  await mkdir(join(folder, 'resources'))
  const wire = Buffer.concat([
    Buffer.from(
      '#!/bin/sh\necho "a stand-in: package on a machine that has Electron" >&2\nexit 1\n',
    ),
    Buffer.from(FUSE_SENTINEL, 'latin1'),
    Buffer.from([WIRE_VERSION, fuseCount]),
    Buffer.from(OFF.repeat(fuseCount), 'latin1'),
  ])
  await writeFile(join(folder, 'electron'), wire)
  await chmod(join(folder, 'electron'), 0o755)
  await writeFile(join(folder, 'version'), version)
  await writeFile(join(folder, 'locales', 'en-US.pak'), '')
  for (const name of [
    'LICENSE',
    'LICENSES.chromium.html',
    'chrome-sandbox',
    'chrome_crashpad_handler',
  ]) {
    await writeFile(join(folder, name), 'stand-in')
  }
}

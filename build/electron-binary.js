// Whether Electron's binary is there, and how to get it. npm installs Electron without it.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** Path of the executable, or undefined while it is not installed (or belongs to another version). */
export function electronBinary() {
  try {
    const folder = dirname(require.resolve('electron/package.json'))
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist')
    const installed = readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, '')
    const binary = join(dist, readFileSync(join(folder, 'path.txt'), 'utf8'))
    return installed === version && existsSync(binary) ? binary : undefined
  } catch {
    return undefined
  }
}

/** Where the installer downloads from, unless its environment names another place. */
const SOURCE = 'https://github.com/electron/electron/releases'
const PROBE_MS = 5_000
/** A copy from an earlier download needs no network, and not longer than this. */
const FROM_CACHE_MS = 15_000

/**
 * Gets the binary by Electron's own installer. Resolves with whether it is there afterwards; never rejects. Without a
 * way to its source it gives up soon.
 */
export async function installElectron(limitMs) {
  if (electronBinary()) return true
  let installer
  try {
    installer = require.resolve('electron/install.js')
  } catch {
    return false
  }
  const child = spawn(process.execPath, [installer], { stdio: 'ignore' })
  const end = () => child.kill('SIGKILL')
  const timers = [setTimeout(end, limitMs)]
  void sourceAnswers().then((answers) => {
    if (!answers) timers.push(setTimeout(end, FROM_CACHE_MS - PROBE_MS))
  })
  await new Promise((resolve) => {
    child.on('error', resolve)
    child.on('close', resolve)
  })
  for (const timer of timers) clearTimeout(timer)
  return electronBinary() !== undefined
}

async function sourceAnswers() {
  const { env } = process
  // Whoever set these knows another way.
  if (env.ELECTRON_GET_USE_PROXY || env.ELECTRON_MIRROR || env.npm_config_electron_mirror)
    return true
  try {
    await fetch(SOURCE, { method: 'HEAD', signal: AbortSignal.timeout(PROBE_MS) })
    return true
  } catch {
    return false
  }
}

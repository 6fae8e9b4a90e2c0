// npm run package [-- --dir] [electron-builder's own options]: builds the app and packages it. Where Electron cannot be
// had, `--dir` works with a stand-in, so that what goes into a package can be checked anywhere.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { installElectron } from './electron-binary.js'
import { makeIcons } from './make-icons.js'
import { makeStandIn } from './stand-in-electron.js'

const require = createRequire(import.meta.url)
const packageRoot = join(import.meta.dirname, '..')
const { fuses } = require('./fuses.cjs')
const INSTALL_LIMIT_MS = 120_000

process.exitCode = await main(process.argv.slice(2))

async function main(options) {
  const hasElectron = await installElectron(INSTALL_LIMIT_MS)
  const isFolder = options.includes('--dir')
  if (!hasElectron && !isFolder) {
    console.error('error E_NO_ELECTRON: Electron could not be downloaded, and installers need it')
    console.error(
      'hint: connect to the network, or check the contents alone with "npm run package -- --dir"',
    )
    return 1
  }
  if (!hasElectron)
    console.log('Electron cannot be had here: packaging with a stand-in, for checking only.')
  await rm(join(packageRoot, 'out', 'app'), { recursive: true, force: true })
  await rm(join(packageRoot, 'out', 'package'), { recursive: true, force: true })
  if (run('electron-vite', ['build', '--logLevel', 'warn']) !== 0) return 1
  await makeIcons(packageRoot, join(packageRoot, 'out', 'icons'))
  const builder = [
    '--config',
    'build/electron-builder.config.cjs',
    '--publish',
    'never',
    ...options,
  ]
  if (!hasElectron) builder.push(...(await standIn()))
  return run('electron-builder', builder)
}

async function standIn() {
  const electron = JSON.parse(await readFile(require.resolve('electron/package.json'), 'utf8'))
  const folder = join(packageRoot, 'out', 'stand-in-electron')
  await makeStandIn(folder, {
    version: electron.version,
    fuseCount: Object.keys(fuses).length,
  })
  return ['--linux', '--x64', `--config.electronDist=${folder}`]
}

/** Runs a program of a package under this Node. */
function run(name, args) {
  const manifestPath = require.resolve(`${name}/package.json`)
  const { bin } = require(manifestPath)
  const program = join(dirname(manifestPath), typeof bin === 'string' ? bin : bin[name])
  const { status } = spawnSync(process.execPath, [program, ...args], {
    cwd: packageRoot,
    stdio: 'inherit',
    env: { ...process.env, SOURCE_DATE_EPOCH: process.env.SOURCE_DATE_EPOCH ?? commitTime() },
  })
  return status ?? 1
}

/** Seconds of the last commit, so that the same sources make the same archive. */
function commitTime() {
  try {
    return execFileSync('git', ['log', '-1', '--format=%ct'], {
      cwd: packageRoot,
      encoding: 'utf8',
    }).trim()
  } catch {
    return '0'
  }
}

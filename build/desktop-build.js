// Builds the desktop app, or its pages alone, when a source is newer than the last build. Pages are what the local
// service serves too. A process of its own builds, so that what it takes in memory does not stay with the service.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inOwnProcess } from './own-process.js'

const configs = [
  'package.json',
  'vite.config.ts',
  'electron.vite.config.ts',
  'renderer.vite.config.ts',
]

const pagesOf = (packageRoot) => join(packageRoot, 'out', 'renderer')
const builder = (packageRoot) => join(packageRoot, 'build', 'desktop-build.js')

/** main, preload and pages into out/app. */
export async function buildDesktop(packageRoot) {
  await buildOnce(packageRoot, join(packageRoot, 'out', 'app', 'built-from'), ['src'], () =>
    inOwnProcess(builder(packageRoot), 'desktop'),
  )
}

/** The pages alone; answers their folder. Two builds at once do not disturb each other. */
export async function buildRenderer(packageRoot) {
  const folder = pagesOf(packageRoot)
  const stamp = join(folder, 'built-from')
  await buildOnce(packageRoot, stamp, ['src/renderer', 'src/shared'], () =>
    inOwnProcess(builder(packageRoot), 'pages'),
  )
  return folder
}

async function desktopInto(packageRoot) {
  const { build } = await import('electron-vite')
  await build({ root: packageRoot, logLevel: 'error' })
}

async function pagesInto(packageRoot) {
  const { build } = await import('vite')
  const folder = pagesOf(packageRoot)
  const temporary = join(packageRoot, 'out', `building-renderer-${process.pid}`)
  await build({
    configFile: join(packageRoot, 'renderer.vite.config.ts'),
    logLevel: 'error',
    build: { outDir: temporary },
  })
  await rm(folder, { recursive: true, force: true })
  // Another start that has just put its own there has built the same sources.
  await rename(temporary, folder).catch(() => rm(temporary, { recursive: true, force: true }))
}

async function buildOnce(packageRoot, stamp, folders, build) {
  const state = await sourceState(packageRoot, folders)
  if ((await readFile(stamp, 'utf8').catch(() => '')) === state) return
  if (process.stderr.isTTY) console.error('Building the application (first start after a change) …')
  await build()
  await mkdir(join(stamp, '..'), { recursive: true })
  await writeFile(stamp, state)
}

async function sourceState(packageRoot, folders) {
  const hash = createHash('sha256')
  const add = async (path) => {
    const stats = await stat(path)
    if (stats.isFile()) hash.update(`${path}\0${stats.mtimeMs}\0${stats.size}\n`)
  }
  for (const folder of folders) {
    const source = join(packageRoot, folder)
    const names = (await readdir(source, { recursive: true })).sort()
    for (const name of names) await add(join(source, name))
  }
  for (const name of configs) await add(join(packageRoot, name))
  return hash.digest('hex')
}

if (process.argv[1] === import.meta.filename) {
  const packageRoot = join(import.meta.dirname, '..')
  await (process.argv[2] === 'desktop' ? desktopInto : pagesInto)(packageRoot)
}

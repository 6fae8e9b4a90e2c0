// Builds the command line and the vision worker from src/ into out/<hash of the sources>/. A checkout needs no build
// step: the program of the present sources is made once, on first use, by a process of its own, whose half gigabyte of
// memory the program does not keep. Two starts at once do not disturb each other.
import { createHash } from 'node:crypto'
import { access, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inOwnProcess } from '../build/own-process.js'

const KEPT_BUILDS = 3

/** The folder (as a URL text) that holds cli.js and worker.js of the present sources. */
export async function programFolder(packageRoot) {
  const folder = await folderOf(packageRoot)
  if (!(await exists(join(folder, 'cli.js')))) {
    if (process.stderr.isTTY) console.error('Building Patchwarden (first start after a change) …')
    await inOwnProcess(join(packageRoot, 'bin', 'build.js'))
  }
  return pathToFileURL(folder).href
}

async function folderOf(packageRoot) {
  return join(packageRoot, 'out', await sourceHash(packageRoot))
}

async function buildInto(packageRoot, folder) {
  const out = join(folder, '..')
  const { build } = await import('vite')
  const temporary = join(out, `building-${process.pid}`)
  await mkdir(temporary, { recursive: true })
  try {
    await build({
      configFile: join(packageRoot, 'vite.config.ts'),
      root: packageRoot,
      logLevel: 'error',
      build: { outDir: temporary },
    })
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
  try {
    await rename(temporary, folder)
  } catch (error) {
    // Another start has built the same sources meanwhile.
    if (!(await exists(join(folder, 'cli.js')))) throw error
    await rm(temporary, { recursive: true })
  }
  await removeOldBuilds(out, folder)
}

async function removeOldBuilds(out, current) {
  const builds = []
  for (const name of await readdir(out)) {
    const path = join(out, name)
    if (/^[0-9a-f]{16}$/.test(name) && path !== current)
      builds.push([(await stat(path)).mtimeMs, path])
  }
  builds.sort((a, b) => b[0] - a[0])
  for (const [, path] of builds.slice(KEPT_BUILDS - 1))
    await rm(path, { recursive: true, force: true })
}

async function sourceHash(packageRoot) {
  const hash = createHash('sha256')
  const add = async (path) => {
    const { mtimeMs, size } = await stat(path)
    hash.update(`${path}\0${mtimeMs}\0${size}\n`)
  }
  for (const folder of ['src', 'bench']) {
    const source = join(packageRoot, folder)
    const names = (await readdir(source, { recursive: true })).sort()
    for (const name of names)
      if (/\.(ts|json|png|svelte)$/.test(name)) await add(join(source, name))
  }
  for (const name of ['package.json', 'vite.config.ts']) await add(join(packageRoot, name))
  return hash.digest('hex').slice(0, 16)
}

async function exists(path) {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}

if (process.argv[1] === import.meta.filename) {
  const packageRoot = join(import.meta.dirname, '..')
  const folder = await folderOf(packageRoot)
  if (!(await exists(join(folder, 'cli.js')))) await buildInto(packageRoot, folder)
  console.log(pathToFileURL(folder).href)
}

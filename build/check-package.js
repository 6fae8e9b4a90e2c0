// npm run package:check [-- FOLDER]: looks into what "npm run package -- --dir" made and fails on anything that should
// not be there, is missing, or is too large.
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, relative, sep } from 'node:path'
import {
  archiveFaults,
  fuseFaults,
  nativeFaults,
  pageFaults,
  preloadFaults,
  productionPackages,
} from './package-rules.js'
import { FUSE_SENTINEL } from './stand-in-electron.js'

const require = createRequire(import.meta.url)
// The reader that electron-builder itself brings along.
const asar = await import(
  createRequire(require.resolve('app-builder-lib')).resolve('@electron/asar')
)
const { fuses } = require('./fuses.cjs')
const packageRoot = join(import.meta.dirname, '..')

/** Bytes. Figures of Linux x64 in November 2026: archive 22 MB, libraries 68 MB, models 22 MB. */
const budget = { archive: 40e6, libraries: 90e6, models: 40e6 }

const folder = process.argv[2] ?? (await findPackage(join(packageRoot, 'out', 'package')))
const faults = await check(folder)
for (const fault of faults) console.error(`fault: ${fault}`)
console.log(faults.length === 0 ? `${folder}: in order` : `${folder}: ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1

async function check(folder) {
  const { resources, executable, system } = layoutOf(folder)
  const archive = join(resources, 'app.asar')
  const packed = []
  const all = asar
    .listPackage(archive, { isPack: false })
    .map((name) => name.split(sep).join('/').replace(/^\//, ''))
    .filter((name) => {
      const entry = asar.statFile(archive, name.split('/').join(sep))
      if ('files' in entry) return false
      if (entry.unpacked !== true) packed.push(name)
      return true
    })
  const unpacked = await filesBelow(join(resources, 'app.asar.unpacked'))
  const models = await filesBelow(join(resources, 'models'))
  const lock = JSON.parse(await readFile(join(packageRoot, 'package-lock.json'), 'utf8'))
  const text = (name) => asar.extractFile(archive, name.split('/').join(sep)).toString('utf8')
  const manifest = JSON.parse(text('package.json'))
  const arch = folder.includes('arm64') ? 'arm64' : 'x64'
  return [
    ...archiveFaults(all, productionPackages(lock)),
    ...nativeFaults(unpacked, packed, { system, arch }),
    ...packed
      .filter((name) => /^out\/app\/.*\.(c?js|css|html)$/.test(name))
      .flatMap((name) => pageFaults(name, text(name))),
    ...preloadFaults(text('out/app/preload/index.cjs')),
    ...(manifest.main === 'out/app/main/main.js' ? [] : [`package.json starts ${manifest.main}`]),
    ...(manifest.devDependencies === undefined ? [] : ['package.json names development packages']),
    ...(await modelFaults(models)),
    ...fuseFaults(await readFile(executable), fuses, FUSE_SENTINEL),
    ...(await sizeFaults(resources, archive)),
  ]
}

/** Every model of the checkout with its card, the catalogue, and nothing else: no training, no checkpoints. */
async function modelFaults(present) {
  const source = join(packageRoot, 'models')
  const wanted = ['catalog.json']
  for (const name of await readdir(source)) {
    if (name !== 'training' && existsSync(join(source, name, 'model.onnx'))) {
      wanted.push(`${name}/model.json`, `${name}/model.onnx`)
    }
  }
  return [
    ...wanted.filter((name) => !present.includes(name)).map((name) => `models/${name} is missing`),
    ...present
      .filter((name) => !wanted.includes(name))
      .map((name) => `models/${name} is not wanted`),
  ]
}

async function sizeFaults(resources, archive) {
  const sizes = {
    archive: (await stat(archive)).size,
    libraries: await bytesBelow(join(resources, 'app.asar.unpacked')),
    models: await bytesBelow(join(resources, 'models')),
  }
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`
  for (const [name, size] of Object.entries(sizes)) {
    console.log(`${name.padEnd(9)} ${megabytes(size).padStart(9)} of ${megabytes(budget[name])}`)
  }
  return Object.entries(sizes)
    .filter(([name, size]) => size > budget[name])
    .map(([name, size]) => `${name}: ${megabytes(size)} is over the budget`)
}

/** Where the parts of an unpacked package lie; macOS keeps fuses in the framework. */
function layoutOf(folder) {
  const bundle = join(folder, 'Patchwarden.app', 'Contents')
  if (existsSync(bundle)) {
    const framework = 'Frameworks/Electron Framework.framework/Electron Framework'
    return {
      resources: join(bundle, 'Resources'),
      executable: join(bundle, framework),
      system: 'darwin',
    }
  }
  const resources = join(folder, 'resources')
  const windows = join(folder, 'Patchwarden.exe')
  return existsSync(windows)
    ? { resources, executable: windows, system: 'win32' }
    : { resources, executable: join(folder, 'patchwarden'), system: 'linux' }
}

async function findPackage(output) {
  const names = existsSync(output) ? await readdir(output) : []
  const name = names.find((entry) => /unpacked$|^mac/.test(entry))
  if (name === undefined) throw new Error('no package: run "npm run package -- --dir" first')
  return join(output, name)
}

async function filesBelow(folder) {
  if (!existsSync(folder)) return []
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
}

async function bytesBelow(folder) {
  const files = await filesBelow(folder)
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

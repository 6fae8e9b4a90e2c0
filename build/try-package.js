// The second half of npm run package:check: takes the app out of the archive and starts its core under plain Node, in a
// project of its own. The core must say that it is ready and list the shipped models, and the native libraries must
// load and work: nothing that they need was left out of the package.
import { execFileSync, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const require = createRequire(import.meta.url)
const packageRoot = join(import.meta.dirname, '..')
/** Stands for the port that a utility process is born with. */
const parentPort = join(packageRoot, 'test', 'support', 'fake-electron', 'parent-port.js')
const LIMIT_MS = 60_000

/** Runs from within the app, so that it finds the app's own packages. */
const natives = `
  const sharp = require('sharp')
  const { InferenceSession } = require('onnxruntime-node')
  const Database = require('better-sqlite3')
  ;(async () => {
    const { info } = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
      .jpeg().toBuffer({ resolveWithObject: true })
    const session = await InferenceSession.create(process.argv[1])
    const { n } = new Database(':memory:').prepare('select 6 * 7 as n').get()
    console.log(info.format, session.inputNames.length > 0, n)
  })()`

const resources = await findResources()
const folder = await mkdtemp(join(tmpdir(), 'patchwarden-package-'))
try {
  const app = join(folder, 'app')
  await extract(join(resources, 'app.asar'), app)
  tryNatives(app)
  await tryCore(app)
  console.log('the packaged core starts, lists its models and ends; its libraries work')
} catch (error) {
  console.error(`fault: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function extract(archive, target) {
  // The reader that electron-builder itself brings along.
  const path = createRequire(require.resolve('app-builder-lib')).resolve('@electron/asar')
  const asar = await import(pathToFileURL(path).href)
  asar.extractAll(archive, target)
}

function tryNatives(app) {
  const model = join(resources, 'models', 'sac-lite', 'model.onnx')
  const said = execFileSync(process.execPath, ['-e', natives, model], {
    cwd: app,
    encoding: 'utf8',
  })
  if (said.trim() !== 'jpeg true 42') throw new Error(`the native libraries answered ${said}`)
}

/** Speaks to the core as the main process and a page do. */
async function tryCore(app) {
  const child = fork(
    join(app, 'out', 'app', 'main', 'core.js'),
    [JSON.stringify({ packageRoot: resources })],
    {
      execArgv: ['--import', pathToFileURL(parentPort).href],
      env: { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CACHE_HOME: folder },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  )
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  const post = (data, ports = []) => child.send({ wire: 'message', data, ports })
  const call = { kind: 'call', id: 1, name: 'models.list', input: {} }
  let answer
  child.on('message', ({ wire, data }) => {
    if (wire === 'message' && data.kind === 'ready') {
      post({ kind: 'connect' }, [1])
      child.send({ wire: 'port-message', port: 1, data: call })
    } else if (wire === 'message' && data.kind === 'refused') {
      answer = data
    } else if (wire === 'port-message' && data.kind === 'answer') {
      answer = data.answer
      post({ kind: 'stop' })
    }
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearTimeout(timer)
  const shipped = await readdir(join(resources, 'models'))
  const listed = answer?.ok === true ? answer.value.models.map(({ id }) => id) : []
  const missing = shipped.filter((name) => !name.includes('.') && !listed.includes(name))
  if (answer?.ok !== true) throw new Error(`the core answered ${JSON.stringify(answer)}`)
  if (missing.length > 0) throw new Error(`the core does not know the models ${missing.join(', ')}`)
  if (code !== 0) throw new Error(`the core ended with code ${code}`)
}

async function findResources() {
  const output = join(packageRoot, 'out', 'package')
  const name = (await readdir(output)).find((entry) => /unpacked$|^mac/.test(entry))
  const inside = join(output, name, 'Patchwarden.app', 'Contents', 'Resources')
  return existsSync(inside) ? inside : join(output, name, 'resources')
}

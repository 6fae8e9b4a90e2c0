// npm run dev: builds the desktop app anew at each change and runs it. Pages still come from the built bundle, never from
// a development server, so that what is tried out is under the same policy as what is shipped: Ctrl R shows a change of
// the page, saving a file of main or preload starts the app again.
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { join } from 'node:path'
import { build } from 'electron-vite'
import { build as buildWithVite } from 'vite'
import { electronBinary, installElectron } from './electron-binary.js'

const packageRoot = join(import.meta.dirname, '..')
const SETTLE_MS = 500

if (!(await installElectron(180_000))) {
  console.error('error E_NO_ELECTRON: Electron could not be downloaded')
  console.error('hint: "npm start -- --browser" opens the same application in the browser')
  process.exit(1)
}
await build({ root: packageRoot, logLevel: 'warn' })
await buildWithVite({
  configFile: join(packageRoot, 'renderer.vite.config.ts'),
  logLevel: 'warn',
  build: { watch: {} },
})

let app = start()
let timer
for (const folder of ['main', 'preload', 'service', 'store', 'engine', 'shared']) {
  watch(join(packageRoot, 'src', folder), { recursive: true }, () => {
    clearTimeout(timer)
    timer = setTimeout(restart, SETTLE_MS)
  })
}

function start() {
  const child = spawn(electronBinary(), [packageRoot], { stdio: 'inherit' })
  child.on('close', (code) => {
    if (child === app) process.exit(code ?? 0)
  })
  return child
}

async function restart() {
  await build({ root: packageRoot, logLevel: 'warn' })
  const last = app
  app = undefined
  last.once('close', () => {
    app = start()
  })
  last.kill()
}

// Checks the types of everything, two programs at a time. With --prove an error is planted in each project first, and each
// program must find that error and no other: a check that passes whatever it is given would be worse than none, and
// svelte-check has been seen to pass while it checked nothing.
import { spawn } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const wrong = 'const planted: number = "not a number"'
const module = `export ${wrong}\n`
const component = `<script lang="ts">\n  ${wrong}\n</script>\n\n{planted}\n`
const plants = {
  'src/shared/planted-type-error.ts': module,
  'src/preload/planted-type-error.ts': module,
  'test/renderer/planted-type-error.ts': module,
  'src/renderer/PlantedTypeError.svelte': component,
}

const compiler = (project) => [
  'node_modules/typescript/bin/tsc',
  '--pretty',
  'false',
  '-p',
  project,
]
const components = ['node_modules/svelte-check/bin/svelte-check', '--output', 'machine']
/** The slow ones first. */
const checks = [
  [...components, '--fail-on-warnings', '--tsconfig', 'src/renderer/tsconfig.json'],
  compiler('tsconfig.json'),
  compiler('tsconfig.browser.json'),
  compiler('tsconfig.pure.json'),
  compiler('src/preload'),
]
const AT_ONCE = 2

function run(command) {
  const { promise, resolve, reject } = Promise.withResolvers()
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  const hear = (piece) => (text += piece)
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)
  child.on('error', reject)
  child.on('close', (code) => resolve({ code, text }))
  return promise
}

/** Lines that tell of a fault, of either program: `file(1,2): error TS…`, `1764 ERROR "file" 1:2 …`. */
const isFault = (line) => /\berror TS\d+:|^\d+ (ERROR|WARNING|FAILURE) /.test(line)
const isPlanted = (line) => /planted-?type-?error\.(ts|svelte)\b/i.test(line)

/** What is wrong with an outcome; empty where nothing is. */
function complaint({ code, text }, isProof) {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const faults = lines.filter(isFault)
  if (!isProof) return code === 0 ? '' : (faults.length > 0 ? faults : lines).join('\n')
  const others = faults.filter((line) => !isPlanted(line))
  if (others.length > 0) return others.join('\n')
  if (code === 0 || faults.length === 0) return `the planted error was not found:\n${text}`
  return ''
}

async function typecheck(isProof) {
  const waiting = [...checks]
  let failed = 0
  const work = async () => {
    for (let command = waiting.shift(); command; command = waiting.shift()) {
      const started = performance.now()
      const told = complaint(await run(command), isProof)
      const seconds = ((performance.now() - started) / 1_000).toFixed(0)
      console.log(`${told === '' ? 'in order' : 'FAILED'}: ${command.at(-1)} (${seconds} s)`)
      if (told !== '') console.log(told)
      if (told !== '') failed++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return failed
}

const isProof = process.argv.includes('--prove')
const uproot = () => {
  for (const path of Object.keys(plants)) rmSync(join(root, path), { force: true })
}
if (isProof) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130))
  process.on('exit', uproot)
  for (const [path, text] of Object.entries(plants)) {
    if (existsSync(join(root, path))) throw new Error(`${path} is there already`)
    writeFileSync(join(root, path), text)
  }
}
const failed = await typecheck(isProof)
process.exitCode = failed === 0 ? 0 : 1

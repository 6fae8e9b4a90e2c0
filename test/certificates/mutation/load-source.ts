import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as fastCheck from 'fast-check'
import ts from 'typescript'
import * as zod from 'zod'
import type { Load } from '../checks/check'
import { collectTests } from './collect-tests'

type Exports = Record<string, unknown>

interface Evaluated {
  readonly exports: Exports
  readonly imports: Set<string>
}

const certificates = fileURLToPath(new URL('../../../src/certificates', import.meta.url))
const compiled = new Map<string, string>()
/** The real modules, each evaluated once. */
const real = new Map<string, Evaluated>()

/** Files are named from src/certificates on, such as `splitting-noise/levels` or `../shared/statistics/normal`. */
export const sourcePath = (file: string): string => join(certificates, `${file}.ts`)

/** Loads modules from their sources, one of which may be replaced by a mutant's text; what does not import it is shared. */
export function loadWith(replaced?: { readonly file: string; readonly text: string }): Load {
  const mutated = replaced === undefined ? null : sourcePath(replaced.file)
  const own = new Map<string, Evaluated>()
  const known = new Map<string, boolean>()

  const isTouched = (path: string): boolean => {
    if (mutated === null || path === mutated) return mutated !== null
    const before = known.get(path)
    if (before !== undefined) return before
    known.set(path, false) // in case modules import one another
    const touched = [...evaluate(path, real, loadReal, compiledFile).imports].some(isTouched)
    known.set(path, touched)
    return touched
  }
  const codeOf = (path: string): string =>
    path === mutated && replaced !== undefined ? compile(replaced.text) : compiledFile(path)
  const load = (path: string): Exports =>
    isTouched(path) ? evaluate(path, own, load, codeOf).exports : loadReal(path)
  // The caller names the type of the module that it asks for.
  return <T>(file: string) => load(sourcePath(file)) as T
}

/** Whether a module is another one or imports it, by way of others too. */
export function reaches(file: string, target: string): boolean {
  const wanted = sourcePath(target)
  const seen = new Set<string>()
  const leadsThere = (path: string): boolean => {
    if (path === wanted) return true
    if (seen.has(path)) return false
    seen.add(path)
    return [...evaluate(path, real, loadReal, compiledFile).imports].some(leadsThere)
  }
  return leadsThere(sourcePath(file))
}

const loadReal = (path: string): Exports => evaluate(path, real, loadReal, compiledFile).exports

function evaluate(
  path: string,
  modules: Map<string, Evaluated>,
  load: (path: string) => Exports,
  codeOf: (path: string) => string,
): Evaluated {
  const before = modules.get(path)
  if (before !== undefined) return before
  const module: Evaluated = { exports: {}, imports: new Set() }
  modules.set(path, module)
  const load1 = (file: string): Exports => {
    module.imports.add(file)
    return load(file)
  }
  const given = collectTests(module.exports)
  const require = (name: string): unknown => {
    if (name.startsWith('node:')) return process.getBuiltinModule(name)
    if (name === 'zod') return zod
    if (name === 'fast-check') return fastCheck
    return name === 'vitest' ? given : load1(resolved(dirname(path), name))
  }
  const meta = {
    url: pathToFileURL(path).href,
    glob: (pattern: string, { eager }: { readonly eager: boolean }): Exports =>
      Object.fromEntries(
        globSync(pattern, { cwd: dirname(path) }).map((name) => {
          const loaded = load1(resolve(dirname(path), name))
          return [name, eager ? loaded : () => Promise.resolve(loaded)]
        }),
      ),
  }
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- our own sources
  new Function('require', 'exports', 'meta', codeOf(path))(require, module.exports, meta)
  return module
}

function resolved(folder: string, name: string): string {
  const path = resolve(folder, name)
  return existsSync(`${path}.ts`) ? `${path}.ts` : join(path, 'index.ts')
}

function compiledFile(path: string): string {
  let code = compiled.get(path)
  if (code === undefined) {
    code = compile(readFileSync(path, 'utf8'))
    compiled.set(path, code)
  }
  return code
}

const compile = (text: string): string =>
  ts
    .transpileModule(text, {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    })
    // What only modules have, not the functions that they are run as here.
    .outputText.replaceAll('import.meta', 'meta')

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import * as zod from 'zod'
import type { Load } from '../checks/check'

type Exports = Record<string, unknown>

const root = fileURLToPath(new URL('../../../src', import.meta.url))
const compiled = new Map<string, string>()
/** Modules outside src/certificates never change and are evaluated once. */
const kept = new Map<string, Exports>()

export const sourcePath = (file: string): string => join(root, 'certificates', `${file}.ts`)

/** Loads modules of src/certificates from their sources, one of which may be replaced by a mutant's text. */
export function loadWith(replaced?: { readonly file: string; readonly text: string }): Load {
  const own = new Map<string, Exports>()
  const mutated = replaced === undefined ? '' : sourcePath(replaced.file)

  const evaluate = (path: string): Exports => {
    const cache = path.startsWith(join(root, 'certificates')) ? own : kept
    const known = cache.get(path)
    if (known !== undefined) return known
    const exports: Exports = {}
    cache.set(path, exports)
    const code = path === mutated ? compile(replaced!.text) : compiledFile(path)
    const require = (name: string): unknown => {
      if (name === 'zod') return zod
      return evaluate(resolved(dirname(path), name))
    }
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- our own sources
    new Function('require', 'exports', code)(require, exports)
    return exports
  }
  // The caller names the type of the module that it asks for.
  return <T>(file: string) => evaluate(sourcePath(file)) as T
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
  ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  }).outputText

import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { makeFolder } from '../files/make-folder'
import { targetExists, targetIsInput, targetNotEmpty } from './export-errors'
import { guarded } from './disk-sink'

export interface TargetRules {
  /** What is there may be replaced. */
  readonly replace: boolean
  /** Files and folders that the data come from. */
  readonly inputs: readonly string[]
}

/** A place that is written beside and then put where it belongs in one step. */
export interface Aside {
  /** Where to write meanwhile: a folder that is there, or a file that is not. */
  readonly path: string
  commit(): void
  /** Leaves everything as it was. */
  discard(): void
}

/** @throws AppError E_TARGET_IS_INPUT, E_TARGET_NOT_EMPTY, E_TARGET_EXISTS, E_WRITE_… */
export function openAside(target: string, kind: 'file' | 'folder', rules: TargetRules): Aside {
  const path = realTarget(target)
  requireNoInput(path, rules.inputs)
  const there = statSync(path, { throwIfNoEntry: false })
  // A file takes the place of a file only, and a folder that of a folder: never that of a device or pipe.
  if (there !== undefined && !(kind === 'file' ? there.isFile() : there.isDirectory())) {
    throw targetExists(target)
  }
  if (there !== undefined && kind === 'file' && !rules.replace) throw targetExists(target)
  const occupied = kind === 'folder' && there !== undefined && readdirSync(path).length > 0
  if (occupied && !rules.replace) throw targetNotEmpty(target)
  return guarded(target, () => {
    makeFolder(dirname(path))
    const aside = besides(path, 'new')
    if (kind === 'folder') mkdirSync(aside)
    const discard = () => {
      rmSync(aside, { recursive: true, force: true })
    }
    const commit = () => {
      guarded(target, () => {
        if (kind === 'file' || there === undefined) renameSync(aside, path)
        else if (occupied) exchange(aside, path)
        else {
          rmdirSync(path)
          renameSync(aside, path)
        }
      })
    }
    return { path: aside, commit, discard }
  })
}

/** Short, because the final name may already be as long as the system allows. */
const besides = (path: string, what: string) =>
  join(
    dirname(path),
    `.patchwarden-export-${process.pid}-${randomBytes(6).toString('hex')}.${what}`,
  )

/** The old folder is removed only when the new one stands in its place. */
function exchange(aside: string, path: string): void {
  const old = besides(path, 'old')
  renameSync(path, old)
  try {
    renameSync(aside, path)
  } catch (error) {
    renameSync(old, path)
    throw error
  }
  rmSync(old, { recursive: true, force: true })
}

/** The path with all links of what is there resolved. */
function realTarget(target: string): string {
  const path = resolve(target)
  if (existsSync(path)) return realpathSync.native(path)
  const parent = dirname(path)
  return parent === path ? path : join(realTarget(parent), basename(path))
}

function requireNoInput(path: string, inputs: readonly string[]): void {
  for (const input of inputs) {
    const real = realTarget(input)
    // An input inside the target would go with what is replaced. A new file or folder inside an input harms nothing.
    if (real === path || real.startsWith(path + sep)) throw targetIsInput(path, input)
  }
}

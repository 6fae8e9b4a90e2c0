import { hash, randomBytes } from 'node:crypto'
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

/** A name beside a target. Short, because the final name may already be as long as the system allows. */
export const besides = (path: string, what: Leftover['kind'], pid = process.pid) =>
  join(dirname(path), `${PREFIX}${pid}-${tagOf(path)}${randomBytes(6).toString('hex')}.${what}`)

const PREFIX = '.patchwarden-export-'
/** Says whose old content a folder beside it is. */
const tagOf = (path: string) => hash('sha256', basename(path)).slice(0, TAG_DIGITS)
const TAG_DIGITS = 12

/** Folders and files that exports have left beside a target, which a process of this number was writing. */
export interface Leftover {
  readonly path: string
  readonly pid: number
  readonly kind: 'new' | 'old'
}

/** What is left in a folder, of all targets; what was there before a target (`old`) of this target alone. */
export function leftoversIn(folder: string, target: string): readonly Leftover[] {
  const tag = tagOf(target)
  const form = new RegExp(`^${PREFIX.replace('.', '\\.')}(\\d+)-([0-9a-f]+)\\.(new|old)$`)
  const found: Leftover[] = []
  for (const name of readdirSync(folder)) {
    const [, pid, digits = '', kind] = form.exec(name) ?? []
    if (pid === undefined || (kind === 'old' && !digits.startsWith(tag))) continue
    found.push({ path: join(folder, name), pid: Number(pid), kind: kind === 'old' ? 'old' : 'new' })
  }
  return found
}

/**
 * Ends what a process began that was killed between the two steps of an exchange: what was there before is put back where
 * nothing has taken its place, and removed where the new content has. Answers what was done; null if nothing was to be done.
 * @throws AppError E_WRITE_…
 */
export function finishExchange(
  target: string,
  isOver: (pid: number) => boolean,
): 'put back' | 'removed' | null {
  const path = realTarget(target)
  if (!existsSync(dirname(path))) return null
  let done: 'put back' | 'removed' | null = null
  for (const { path: old, pid, kind } of leftoversIn(dirname(path), path)) {
    if (kind !== 'old' || !isOver(pid)) continue
    guarded(target, () => {
      if (existsSync(path)) {
        rmSync(old, { recursive: true, force: true })
        done ??= 'removed'
      } else {
        renameSync(old, path)
        done = 'put back'
      }
    })
  }
  return done
}

/** The old folder is removed only when the new one stands in its place. A kill between: see `finishExchange`. */
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

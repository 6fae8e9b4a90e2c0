import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorCode } from './read-file'

/**
 * Makes a folder and what is missing above it. Node's own `recursive` never returns, and eats all memory, where a folder
 * cannot be made although its parent is there, as in /proc.
 * @throws errors of the file system as they are, EEXIST or ENOTDIR where a file is in the way
 */
export function makeFolder(path: string, mode?: number): void {
  try {
    makeOne(path, mode)
  } catch (error) {
    const parent = dirname(path)
    if (errorCode(error) !== 'ENOENT' || parent === path) throw error
    makeFolder(parent, mode)
    makeOne(path, mode)
  }
}

function makeOne(path: string, mode: number | undefined): void {
  try {
    mkdirSync(path, mode)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    if (!statSync(path).isDirectory()) throw error
  }
}

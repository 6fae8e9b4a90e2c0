import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'

export interface Ended {
  /** Null where a signal ended the program. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Sends SIGINT when the text appears on standard error. */
  readonly interruptOn?: string
  /** A file that takes standard output instead. */
  readonly stdoutTo?: number
}

export interface RunningProgram {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

export const packageRoot = fileURLToPath(new URL('../../', import.meta.url))

/** Runs the real command line in a process of its own, with a home folder of its own. */
export function patchwarden(args: readonly string[], options: ProgramOptions = {}): Promise<Ended> {
  return startPatchwarden(args, options).ended
}

/** The same for tests that do something to it while it runs. */
export function startPatchwarden(
  args: readonly string[],
  options: ProgramOptions = {},
): RunningProgram {
  const home = mkdtempSync(join(tmpdir(), 'patchwarden-test-home-'))
  const child = spawn(process.execPath, [join(packageRoot, 'bin/patchwarden.js'), ...args], {
    cwd: options.cwd ?? home,
    env: {
      ...process.env,
      HOME: home,
      XDG_DATA_HOME: join(home, 'data'),
      XDG_CACHE_HOME: join(home, 'cache'),
      PATCHWARDEN_PROJECT: '',
      ...options.env,
    },
    stdio: ['ignore', options.stdoutTo ?? 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    if (options.interruptOn !== undefined && text.includes(options.interruptOn))
      child.kill('SIGINT')
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      rmSync(home, { recursive: true, force: true })
      resolve({ code, stdout, stderr })
    })
  })
  return { child, ended }
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'patchwarden-test-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** The codes of `error CODE: …` lines, in order; each must be followed by its hint. */
export function errorCodes(stderr: string): string[] {
  const lines = stderr.split('\n')
  return lines.flatMap((line, k) => {
    const code = /^error (E_[A-Z0-9_]+): \S/.exec(line)?.[1]
    if (code === undefined) return []
    expect(lines[k + 1], `hint after: ${line}`).toMatch(/^hint: \S.*\.$/)
    return [code]
  })
}

/** What the contract asks of every message: whole lines of known forms, no cursor movement, no stack traces. */
export function expectPlainMessages(stderr: string): void {
  for (const line of stderr.split('\n')) {
    expect(line).not.toMatch(/\p{Cc}/u)
    expect(line).not.toMatch(/^\s+at .+:\d+:\d+\)?$/)
  }
  expect(stderr).not.toContain('E_INTERNAL')
  expect(stderr === '' || stderr.endsWith('\n')).toBe(true)
}

/** All files below a folder, as ways from it, sorted; a folder that is not there holds none. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

/** The bytes of all files below a folder, by way, in a form that compares well. */
export function bytesBelow(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesBelow(folder).map((name) => [name, readFileSync(join(folder, name), 'base64')]),
  )
}

/** Processes that this one has started and that still run; empty where the system cannot tell. */
export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A zombie has ended; only its parent has not looked yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits for a condition, looking often. */
export async function until(condition: () => boolean, seconds = 20): Promise<void> {
  const end = performance.now() + 1_000 * seconds
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited ${seconds} s for ${condition.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

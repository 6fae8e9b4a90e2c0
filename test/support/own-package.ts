import { type ChildProcess, spawn } from 'node:child_process'
import type { Ended } from './program'

export interface OwnPackage {
  /** Folder with `models/` in place of the repository's. */
  readonly packageRoot: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** Runs the built command line in a process of its own, on models and a catalogue of the test's own. */
export function startWith(
  { packageRoot, cwd, env }: OwnPackage,
  args: readonly string[],
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const cli = new URL('./cli.js', `${process.env['PATCHWARDEN_PROGRAM'] ?? ''}/`).href
  const code = `
    const { main } = await import(${JSON.stringify(cli)})
    process.exitCode = await main(process.argv.slice(1), { packageRoot: ${JSON.stringify(packageRoot)} })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, '--', ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exit) => {
      resolve({ code: exit, stdout, stderr })
    })
  })
  return { child, ended }
}

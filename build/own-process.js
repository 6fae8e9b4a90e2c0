import { spawn } from 'node:child_process'

/** Runs a script of ours in a Node of its own: what it takes in memory goes with it. Resolves when it has ended well. */
export function inOwnProcess(script, ...args) {
  const { promise, resolve, reject } = Promise.withResolvers()
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  child.on('error', reject)
  child.on('close', (code, signal) => {
    if (code === 0) resolve()
    else reject(new Error(`${script} ended with ${signal ?? code}, see above`))
  })
  return promise
}

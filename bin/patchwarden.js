#!/usr/bin/env node
// Starts the command line: checks the runtime, builds the program from src/ when it is missing or older, runs it.
import { fileURLToPath } from 'node:url'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 14)) {
  console.error(
    `error E_NODE_VERSION: Patchwarden needs Node 22.14 or later, this is ${process.versions.node}`,
  )
  console.error(
    'hint: start it with "npm run patchwarden -- …", which uses the Node that npm ci brought along',
  )
  process.exit(1)
}

const packageRoot = fileURLToPath(new URL('..', import.meta.url))
const { programFolder } = await import('./build.js')
const { main } = await import(`${await programFolder(packageRoot)}/cli.js`)
process.exitCode = await main(process.argv.slice(2), { packageRoot })

import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, Option } from 'commander'
import { errorCode, readFault } from '../engine/files/read-file'
import { writeFault } from '../engine/files/write-file'
import { userSettingsFile } from '../engine/user-folders'
import { createService, type Service } from '../service/create-service'
import { isLoopback, newToken } from '../service/http/access'
import { startHttp, type HttpService } from '../service/http/server'
import { AppError } from '../shared/errors'
import { type Environment, locationsFor } from './environment'
import { EXIT } from './exit-codes'
import { repeatable, wholeNumber } from './options'

interface ServeFlags {
  readonly port: number
  readonly host: string
  readonly open?: boolean
  readonly tokenFile?: string
  readonly grant?: readonly string[]
  readonly hostName?: readonly string[]
  readonly pages?: string
}

const examples = `
Examples:
  patchwarden serve --open                    the application in the browser
  patchwarden serve --grant ~/photos          folders below ~/photos can be imported by name
  patchwarden serve --port 4173 --token-file token.txt

Whoever has the printed address can read and change the project, and nobody
else. The service listens on this machine only, unless --host says otherwise;
use a proxy with HTTPS in front of it then. Ctrl-C ends it; what is stored stays.`

export function serveCommand(environment: Environment): Command {
  const command = new Command('serve')
    .description('serves the project to a browser and to programs, over HTTP')
    .addOption(
      new Option('--port <n>', 'port; 0: one that is free')
        .argParser(wholeNumber(0, 65_535))
        .default(0),
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--open', 'opens the browser')
    .option(
      '--token-file <file>',
      'takes the token from this file, or writes a new one to it; else each start has its own',
    )
    .option(
      '--grant <dir>',
      'folder of this machine from which can be imported by name, and to which can be exported; several times',
      repeatable,
    )
    .option(
      '--host-name <name>',
      'further name under which it is reached; several times',
      repeatable,
    )
    .addOption(new Option('--pages <dir>', 'folder of the built pages').hideHelp())
    .addHelpText('after', examples)
  return command.action(async (flags: ServeFlags) => {
    await serve(command, environment, flags)
  })
}

async function serve(command: Command, environment: Environment, flags: ServeFlags): Promise<void> {
  const token = tokenFor(flags.tokenFile)
  const pages = flags.pages ?? (await builtPages(environment.packageRoot))
  const service = await createService({
    locations: locationsFor(command, environment),
    settingsFile: userSettingsFile(),
    allowedFolders: flags.grant ?? [],
    // Who reaches it from elsewhere sees no more of this machine than was granted.
    opensAnyRecent: false,
  })
  try {
    for (const { code, message } of await notesOf(service)) {
      process.stderr.write(`warning ${code}: ${message}\n`)
    }
    await using http = await listening(service, flags, token, pages)
    process.stdout.write(`${http.entrance}\n`)
    process.stderr.write('Open this address in a browser; Ctrl-C ends the service.\n')
    if (!isLoopback(flags.host)) {
      process.stderr.write(
        'warning W_NOT_LOOPBACK: other machines can reach it, without encryption\n',
      )
    }
    if (flags.open) openBrowser(http.entrance)
    await ended(environment.signal)
  } finally {
    await service.close()
  }
  environment.finish(EXIT.done)
}

async function listening(
  service: Service,
  { host, port, hostName }: ServeFlags,
  token: string,
  pages: string | null,
): Promise<HttpService> {
  try {
    return await startHttp(service, {
      ...{ host, port, token, hostNames: hostName ?? [] },
      ...(pages === null ? {} : { pages }),
    })
  } catch (error) {
    const code = errorCode(error)
    if (
      code !== 'EADDRINUSE' &&
      code !== 'EACCES' &&
      code !== 'EADDRNOTAVAIL' &&
      code !== 'ENOTFOUND'
    )
      throw error
    throw new AppError(
      'E_PORT_NOT_FREE',
      `The service cannot listen on ${host}, port ${port} (${code}).`,
      'Choose another --port, or leave it out: then a free one is taken.',
      { cause: error },
    )
  }
}

async function notesOf(service: Service) {
  const answer = await service.call('project.info', {})
  return answer.ok ? answer.value.notes : []
}

/** @throws AppError E_TOKEN_FILE, E_FILE_…, E_WRITE_… */
function tokenFor(file: string | undefined): string {
  if (file === undefined) return newToken()
  if (!existsSync(file)) {
    const token = newToken()
    try {
      writeFileSync(file, `${token}\n`, { mode: 0o600, flag: 'wx' })
    } catch (error) {
      throw writeFault(file, error)
    }
    return token
  }
  let token: string
  try {
    token = readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw readFault(error, file)
  }
  if (/^[\w.~+/=-]{16,500}$/.test(token)) return token
  throw new AppError(
    'E_TOKEN_FILE',
    `${file} holds no token.`,
    'A token is one line of 16 letters, digits or -_.~+/= at least; remove the file to have a new one.',
  )
}

/** Beside an installed program, or built now in a checkout; null where there are none. */
async function builtPages(packageRoot: string): Promise<string | null> {
  const beside = join(dirname(fileURLToPath(import.meta.url)), 'renderer')
  if (existsSync(join(beside, 'index.html'))) return beside
  const builder = join(packageRoot, 'build', 'desktop-build.js')
  if (!existsSync(builder)) return null
  const { buildRenderer } = await import('../../build/desktop-build.js')
  return buildRenderer(packageRoot)
}

function openBrowser(address: string): void {
  const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
    darwin: ['open'],
    win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  }
  const [program, ...args] = openers[process.platform] ?? ['xdg-open']
  execFile(program, [...args, address], (error) => {
    if (error) process.stderr.write('The browser could not be opened: open the address yourself.\n')
  })
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener(
      'abort',
      () => {
        resolve()
      },
      { once: true },
    )
  })
}

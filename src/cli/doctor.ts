import { createReadStream } from 'node:fs'
import { createHash } from 'node:crypto'
import { Command } from 'commander'
import { diskPath } from '../engine/files/disk-path'
import { errorCode } from '../engine/files/read-file'
import { AppError } from '../shared/errors'
import { recoverExports } from '../service/export-recovery'
import { doctor, type Finding, openProject, rebuild } from '../store'
import { type Environment, locationsFor } from './environment'
import { EXIT } from './exit-codes'
import { exportCutOff } from './open-project'
import { oneLine } from './report-error'

interface DoctorFlags {
  readonly repair?: boolean
  readonly rebuild?: boolean
  readonly backup?: string
  readonly originals?: boolean
  readonly json?: boolean
}

const examples = `
Examples:
  patchwarden doctor                       is everything in order?
  patchwarden doctor --originals           also: are all pictures there and unchanged?
  patchwarden doctor --repair              puts right what can be recomputed
  patchwarden doctor --backup copy.sqlite  a copy of the project, also while it is in use

Exit codes: 0 all is well or was put right, 1 something is wrong.`

export function doctorCommand(environment: Environment): Command {
  const command = new Command('doctor')
    .description('checks the project, repairs it and makes copies of it')
    .option('--originals', 'reads every picture, to find those that are missing or have changed')
    .option('--repair', 'puts right what can be recomputed; originals are never touched')
    .option(
      '--rebuild',
      'reads what can be read of a damaged project into a new file; keeps the old one',
    )
    .option('--backup <file>', 'writes a copy of the project')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', examples)
  return command.action(async (flags: DoctorFlags) => {
    const { projectDir } = locationsFor(command, environment)
    if ([flags.repair, flags.rebuild, flags.backup].filter(Boolean).length > 1) {
      throw new AppError(
        'E_USAGE',
        'only one of --repair, --rebuild and --backup can be done at a time',
        'Make the copy first, then repair.',
      )
    }
    if (flags.backup !== undefined) await backup(projectDir, flags.backup, flags)
    else if (flags.rebuild) await rebuilt(projectDir, flags)
    else await examine(projectDir, environment, flags)
  })
}

async function backup(folder: string, file: string, flags: DoctorFlags): Promise<void> {
  await using project = await openProject(folder, { readonly: true })
  await project.backup(file)
  if (flags.json) print({ backup: file })
  process.stderr.write(`copied the project to ${file}\n`)
}

async function rebuilt(folder: string, flags: DoctorFlags): Promise<void> {
  const outcome = await rebuild(folder)
  if (flags.json) print(outcome)
  const lost = outcome.lost === 0 ? '' : `; ${outcome.lost} places could not be read`
  process.stderr.write(
    `${outcome.rows} rows were read into a new project${lost}; the old file is ${outcome.kept}\n`,
  )
}

async function examine(
  folder: string,
  environment: Environment,
  flags: DoctorFlags,
): Promise<void> {
  const { signal } = environment
  const findings = await doctor(folder, {
    repair: flags.repair ?? false,
    signal,
    ...(flags.originals ? { hashFile } : {}),
  })
  if (flags.repair) findings.push(...(await exportsPutBack(folder, findings)))
  const wrong = findings.filter(({ code, repaired }) => code.startsWith('E_') && !repaired)
  if (flags.json) print({ project: folder, findings })
  else {
    for (const { code, message, repaired } of findings) {
      process.stdout.write(`${code}: ${oneLine(message)}${repaired ? ' Put right.' : ''}\n`)
    }
  }
  process.stderr.write(findings.length === 0 ? `${folder}: all is well\n` : '')
  if (wrong.length > 0) {
    process.stderr.write(`hint: ${adviceFor(wrong, flags)}\n`)
  }
  environment.finish(wrong.length > 0 ? EXIT.someFailed : EXIT.done)
}

function adviceFor(wrong: readonly Finding[], { repair }: DoctorFlags): string {
  if (wrong.some(({ code }) => code === 'E_PROJECT_NOT_FOUND')) {
    return 'Name its folder with --project, or make one there by importing something.'
  }
  const advice = repair
    ? '--rebuild reads what can be read into a new file'
    : '--repair puts right what can be recomputed'
  return `${advice}; --backup FILE makes a copy first.`
}

/** Only a project that can be opened knows of exports. */
async function exportsPutBack(folder: string, found: readonly Finding[]): Promise<Finding[]> {
  if (found.some(({ code, repaired }) => code.startsWith('E_PROJECT') && !repaired)) return []
  await using project = await openProject(folder)
  return recoverExports(project).map((out) => ({
    ...{ code: 'W_EXPORT_CUT_OFF', message: `${exportCutOff(out)}.`, repaired: true },
  }))
}

/** Null where there is no such file. */
async function hashFile(path: string): Promise<string | null> {
  const digest = createHash('sha256')
  const found = diskPath(path)
  try {
    for await (const piece of createReadStream(
      typeof found === 'string' ? found : Buffer.from(found),
    ))
      digest.update(piece as Uint8Array) // no encoding is set
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return null
    throw error
  }
  return digest.digest('hex')
}

const print = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

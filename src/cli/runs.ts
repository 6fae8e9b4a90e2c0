import { Command, Option } from 'commander'
import { z } from 'zod'
import { findRun } from '../service/find-run'
import { allRuns } from '../service/run-order'
import { AppError } from '../shared/errors'
import { showPath } from '../shared/image-errors'
import type { Project, Run } from '../store'
import type { Environment } from './environment'
import { projectFor, projectToRead } from './open-project'
import { wholeNumber } from './options'
import { count, oneLine } from './report-error'
import { alignedTable } from './table'

interface Flags {
  readonly json?: boolean
  readonly yes?: boolean
  readonly top: number
}

export function runsCommand(environment: Environment): Command {
  const runs = new Command('runs').description('lists, shows, compares and removes runs')
  const json = new Option('--json', 'prints one JSON document')
  runs
    .command('list', { isDefault: true })
    .description('the runs of the project, newest first')
    .addOption(json)
    .action(async (flags: Flags, command: Command) => {
      await using project = await projectToRead(command, environment)
      const all = [...allRuns(project)]
      const head = ['run', 'name', 'state', 'images', 'failed', 'detections', 'data set', 'begun']
      if (flags.json) print(all)
      else if (all.length === 0) {
        process.stderr.write('no runs yet: "patchwarden defend --dataset NAME --store" makes one\n')
      } else process.stdout.write(`${alignedTable(head, all.map(row))}\n`)
    })
  runs
    .command('show')
    .description('what a run is made of and what it has found')
    .argument('<run>', 'number or name')
    .addOption(json)
    .action(async (text: string, flags: Flags, command: Command) => {
      await using project = await projectToRead(command, environment)
      const run = findRun(project, text)
      const classes = project.runs.classes(run.id)
      const failed = project.runs.items(run.id, 'failed', { limit: 1_000 }).rows
      if (flags.json)
        print({ ...run, classes, failures: failed.map(({ file, error }) => ({ file, error })) })
      else process.stdout.write(`${shown(project, run)}\n`)
    })
  runs
    .command('compare')
    .description('pictures that two runs answer differently, most changed first')
    .argument('<a>', 'number or name of a run')
    .argument('<b>', 'number or name of another run over the same pictures')
    .addOption(
      new Option('--top <n>', 'how many are listed').argParser(wholeNumber(1, 1_000)).default(20),
    )
    .addOption(json)
    .action(async (a: string, b: string, flags: Flags, command: Command) => {
      await using project = await projectFor(command, environment, { create: false })
      const [base, other] = [findRun(project, a), findRun(project, b)]
      const summary = await project.comparisons.compare(base.id, other.id, environment.signal)
      const { rows } = project.comparisons.changes(base.id, other.id, { limit: flags.top })
      const listed = rows
        .filter(({ change }) => change > 0)
        .map(({ memberId, change }) => {
          const found = (run: Run) => project.runs.itemOfImage(run.id, memberId)?.detections ?? 0
          const { file } = project.images.get(memberId)
          return { memberId, file, change, base: found(base), other: found(other) }
        })
      if (flags.json) {
        print({ base: base.id, other: other.id, ...summary, changes: listed })
        return
      }
      process.stderr.write(
        `${count(summary.images, 'image')} in both runs, ${summary.changed} answered differently\n`,
      )
      if (listed.length === 0) return
      const head = ['image', 'change', `found by ${base.name}`, `found by ${other.name}`]
      const lines = listed.map(({ file, change, ...found }) => [
        oneLine(showPath(file)),
        change.toFixed(3),
        String(found.base),
        String(found.other),
      ])
      process.stdout.write(`${alignedTable(head.map(oneLine), lines)}\n`)
    })
  runs
    .command('remove')
    .description('removes a run with its results')
    .argument('<run>', 'number or name')
    .option('--yes', 'is sure')
    .action(async (text: string, { yes }: Flags, command: Command) => {
      await using project = await projectFor(command, environment, { create: false })
      const run = findRun(project, text)
      if (!yes) {
        throw new AppError(
          'E_NOT_CONFIRMED',
          `run ${run.id} "${run.name}" has results of ${count(run.done, 'image')}; removing it cannot be undone`,
          'Add --yes to remove it.',
        )
      }
      project.runs.remove(run.id)
      process.stderr.write(`removed run ${run.id} "${run.name}"\n`)
    })
  return runs
}

function row(run: Run): string[] {
  const { id, name, done, total, failed, detections, createdMs } = run
  const begun = new Date(createdMs).toISOString().slice(0, 16).replace('T', ' ')
  return [
    String(id),
    oneLine(showPath(name)),
    stateOf(run),
    `${done}/${total}`,
    String(failed),
    String(detections),
    oneLine(datasetName(run)),
    begun,
  ]
}

/** A run that says it is running may have been cut off; either way it is not whole. */
const stateOf = ({ state, done, failed, total }: Run): string =>
  state === 'finished' && failed > 0
    ? 'with failures'
    : state === 'running' || state === 'cancelled'
      ? done + failed < total
        ? 'unfinished'
        : 'finished'
      : state

function datasetName({ manifest }: Run): string {
  const { dataset } = manifest
  const named = z.object({ name: z.string() }).safeParse(dataset)
  return named.success ? named.data.name : '-'
}

function shown(project: Project, run: Run): string {
  const { manifest } = run
  const lines = [
    `run       ${run.id} "${run.name}"`,
    `state     ${stateOf(run)}: ${run.done} of ${run.total} images, ${run.failed} failed`,
    `data set  ${datasetName(run)}`,
    ...Object.entries(manifest)
      .filter(([key]) => key !== 'dataset' && key !== 'runKey')
      .map(([key, value]) => `${key.padEnd(16)}${JSON.stringify(value)}`),
  ].map(oneLine)
  const classes = project.runs.classes(run.id).filter(({ detections }) => detections > 0)
  const rows = classes
    .toSorted((a, b) => b.detections - a.detections)
    .map(({ name, detections, images }) => [oneLine(name), String(detections), String(images)])
  return [...lines, '', alignedTable(['class', 'detections', 'images'], rows)].join('\n')
}

const print = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

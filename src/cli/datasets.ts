import { Command } from 'commander'
import { filterFrom } from '../service/content-filter'
import { memberIds } from '../service/content-order'
import { removeCopies } from '../service/copied-files'
import { AppError } from '../shared/errors'
import { showPath } from '../shared/image-errors'
import type { Dataset, Facets, FacetValue } from '../store'
import type { Environment } from './environment'
import { projectFor, projectToRead } from './open-project'
import { repeatable } from './options'
import { count, oneLine } from './report-error'
import { alignedTable } from './table'

interface Flags {
  readonly json?: boolean
  readonly yes?: boolean
}

interface ImagesFlags extends Flags {
  readonly filter?: readonly string[]
}

export function datasetsCommand(environment: Environment): Command {
  const datasets = new Command('datasets').description('lists, shows and removes data sets')
  datasets
    .command('list', { isDefault: true })
    .description('the data sets of the project')
    .option('--json', 'prints one JSON document')
    .action(async ({ json }: Flags, command: Command) => {
      await using project = await projectToRead(command, environment)
      const all = project.datasets.list()
      if (json) print(all)
      else if (all.length === 0)
        process.stderr.write('no data sets yet: "patchwarden import" brings them in\n')
      else
        process.stdout.write(
          `${alignedTable(['name', 'images', 'format', 'imported', 'from'], all.map(row))}\n`,
        )
    })
  datasets
    .command('show')
    .description('what is in a data set')
    .argument('<name>')
    .option('--json', 'prints one JSON document')
    .action(async (name: string, { json }: Flags, command: Command) => {
      await using project = await projectToRead(command, environment)
      const dataset = project.datasets.byName(name)
      const facets = project.images.facets(dataset.id)
      const problems = project.datasets.problems(dataset.id, { limit: 1_000 }).rows
      if (json) print({ ...dataset, facets, problems })
      else {
        const folders = project.datasets.folders(dataset.id)
        process.stdout.write(`${shown(dataset, folders, facets, problems.length)}\n`)
      }
    })
  datasets
    .command('images')
    .description('the pictures of a data set with their ids, for --selection')
    .argument('<name>')
    .option(
      '--filter <key=value>',
      'only pictures with this; may be given several times',
      repeatable,
    )
    .option('--json', 'prints one JSON document')
    .action(async (name: string, { json, filter }: ImagesFlags, command: Command) => {
      await using project = await projectToRead(command, environment)
      const dataset = project.datasets.byName(name).id
      const rows: { id: number; file: string; state: string; split: string | null }[] = []
      for (const id of memberIds(project, { ...filterFrom(filter ?? []), dataset })) {
        const { file, fileState: state, split } = project.images.get(id)
        rows.push({ id, file, state, split })
      }
      if (json) print(rows)
      else {
        const lines = rows.map(({ id, file, state, split }) =>
          [id, state, split ?? '', oneLine(showPath(file))].map(String),
        )
        process.stdout.write(`${alignedTable(['id', 'file is', 'split', 'file'], lines)}\n`)
      }
    })
  datasets
    .command('remove')
    .description(
      'removes a data set with its annotations from the project; pictures stay where they are',
    )
    .argument('<name>')
    .option('--yes', 'is sure')
    .action(async (name: string, { yes }: Flags, command: Command) => {
      await using project = await projectFor(command, environment, { create: false })
      const dataset = project.datasets.byName(name)
      if (!yes) {
        throw new AppError(
          'E_NOT_CONFIRMED',
          `"${name}" has ${count(dataset.images, 'image')}; removing it cannot be undone`,
          'Add --yes to remove it. Pictures stay where they are, and so do results of runs.',
        )
      }
      const folders = project.datasets.folders(dataset.id)
      await project.datasets.remove(dataset.id)
      // Copies of ours go with the last data set that they are of.
      removeCopies(project, folders)
      process.stderr.write(`removed "${name}"\n`)
    })
  return datasets
}

function row({ name, images, importer, createdMs, root }: Dataset): string[] {
  const day = new Date(createdMs).toISOString().slice(0, 16).replace('T', ' ')
  return [oneLine(showPath(name)), String(images), importer, day, oneLine(showPath(root))]
}

function shown(
  dataset: Dataset,
  folders: readonly string[],
  facets: Facets,
  problems: number,
): string {
  const { patch, file, label } = facets
  const values = (list: readonly FacetValue[]): string =>
    list
      .filter(({ images }) => images > 0)
      .map(({ value, images }) => `${value} ${images}`)
      .join(', ')
  const lines: [string, string][] = [
    ['name', dataset.name],
    ['format', dataset.importer],
    ...folders.map((folder, k): [string, string] => [k === 0 ? 'from' : '', showPath(folder)]),
    ['images', String(dataset.images)],
    ['files', values(file)],
    ['splits', values(facets.split)],
    ['labels', label.length > 20 ? `${label.length} different ones` : values(label)],
    ['patches', patch.with > 0 ? `in ${count(patch.with, 'image')}` : ''],
    [
      'problems',
      problems === 0
        ? ''
        : `${problems}${problems === 1_000 ? ' or more' : ''} when it was imported (--json lists them)`,
    ],
  ]
  const head = lines
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `${name.padEnd(10)}${oneLine(text)}`)
  if (facets.class.length === 0) return head.join('\n')
  const rows = facets.class.map(({ value, objects, images }) => [
    oneLine(value),
    String(objects),
    String(images),
  ])
  return [...head, '', alignedTable(['class', 'objects', 'images'], rows)].join('\n')
}

const print = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

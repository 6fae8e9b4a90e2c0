import type { Command } from 'commander'
import { Jobs } from '../service/jobs'
import { importResults } from '../service/results-import'
import type { Environment } from './environment'
import { EXIT } from './exit-codes'
import type { ImportFlags } from './import'
import { problemLines } from './import-texts'
import { cancelWith } from './jobs'
import { projectFor } from './open-project'
import { count } from './report-error'

/** `import RESULTS.json --as-run NAME --dataset NAME`. */
export async function importResultsFile(
  command: Command,
  environment: Environment,
  path: string,
  flags: ImportFlags & { readonly asRun: string; readonly dataset: string },
): Promise<void> {
  await using project = await projectFor(command, environment, { create: false })
  const dataset = project.datasets.byName(flags.dataset)
  const manifest = { path, dataset: dataset.id, name: flags.asRun }
  const job = new Jobs(project).start({ kind: 'import', name: flags.asRun, manifest }, (control) =>
    importResults(project, { path, name: flags.asRun, dataset }, control),
  )
  const { run, detections, report } = await cancelWith(environment.signal, job)
  for (const line of problemLines(report)) process.stderr.write(`${line}\n`)
  process.stderr.write(
    `run ${run.id} "${run.name}": ${count(detections, 'detection')} in ${count(dataset.images, 'image')} of "${dataset.name}"\n`,
  )
  if (flags.json) {
    const document = { run, detections, problems: report.groups() }
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
  }
  environment.finish(report.groups().length > 0 ? EXIT.someFailed : EXIT.done)
}

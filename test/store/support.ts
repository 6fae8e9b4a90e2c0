import { join } from 'node:path'
import { openProject, type Project } from '../../src/store'
import { temporaryFolder } from '../engine/temporary-folder'
import { sampleRecords, type SampleSize } from './sample-records'

export { CLASSES, sampleRecords } from './sample-records'

/** A new project in a folder of its own, closed and gone after the test file. */
export async function newProject(): Promise<Project> {
  return openProject(join(temporaryFolder(), 'project'))
}

/** Imports the sample under a name and answers the id of the data set. */
export async function importSample(
  project: Project,
  name = 'sample',
  size: SampleSize = { images: 60, objectsEach: 3, patchEvery: 5 },
): Promise<number> {
  const order = { name, importer: 'test', root: `/pictures/${name}` }
  return (await project.datasets.import(order, sampleRecords(size))).datasetId
}

/** All rows of a list, page by page. */
export function allRows<Row>(
  list: (page: { after: string | null; limit: number }) => {
    rows: readonly Row[]
    next: string | null
  },
  limit = 7,
): Row[] {
  const rows: Row[] = []
  let after: string | null = null
  do {
    const page = list({ after, limit })
    rows.push(...page.rows)
    after = page.next
  } while (after !== null)
  return rows
}

import { AppError } from '../shared/errors'
import { openProject } from '../store'
import { datasetExists } from '../store/store-errors'

/** The data set that an import makes, or the one that it adds to. */
export interface Target {
  readonly name: string
  readonly isNew: boolean
}

/** @throws AppError E_USAGE */
export function targetOf({
  dataset,
  into,
}: {
  readonly dataset?: string
  readonly into?: string
}): Target {
  if (into === undefined && dataset !== undefined) return { name: dataset, isNew: true }
  if (into !== undefined && dataset === undefined) return { name: into, isNew: false }
  throw targetUnclear(into === undefined ? 'neither was given' : 'both were given')
}

export const targetUnclear = (why: string) =>
  new AppError(
    'E_USAGE',
    `an import makes a data set (--dataset NAME) or adds to one (--into NAME): ${why}`,
    'Give one of the two. "patchwarden datasets" lists the data sets of the project.',
  )

/** Told before anything is read. @throws AppError E_DATASET_EXISTS, E_DATASET_UNKNOWN, E_PROJECT_NOT_FOUND */
export async function requireTarget(projectDir: string, { name, isNew }: Target): Promise<void> {
  try {
    await using project = await openProject(projectDir, { readonly: true })
    if (!isNew) project.datasets.byName(name)
    else if (project.datasets.list().some((dataset) => dataset.name === name)) {
      throw datasetExists(name)
    }
  } catch (error) {
    const code = error instanceof AppError ? error.code : ''
    const isMade = isNew && code === 'E_PROJECT_NOT_FOUND'
    if (!isMade && code !== 'E_PROJECT_OLDER') throw error
  }
}

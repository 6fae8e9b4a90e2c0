import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import type { Context } from '../context'
import { pathOf } from '../grants'
import type { Handlers } from './handler'

/** The way from one project to another. */
export const projectChangeHandlers: Handlers<'project.recent' | 'project.open' | 'project.create'> =
  {
    'project.recent': ({ projects, key }) => ({
      projects: projects.recent().map((recent) => ({ ...recent, isOpen: recent.id === key })),
    }),
    async 'project.open'(context, { from, stopJobs = false }) {
      const folder =
        'grant' in from ? folderOf(context, from.grant) : recentOf(context, from.recent)
      await context.projects.open(folder, { create: false, stopJobs })
      return { name: basename(folder) }
    },
    async 'project.create'(context, { grant, name, stopJobs = false }) {
      const folder = join(folderOf(context, grant), requirePlain(name))
      if (existsSync(folder)) throw folderTaken(name)
      await context.projects.open(folder, { create: true, stopJobs })
      return { name }
    },
  }

/** @throws AppError E_GRANT_UNKNOWN, E_GRANT_REFUSED */
function folderOf({ grants }: Context, id: string): string {
  const grant = grants.get(id)
  if (grant.kind === 'folder' && grant.writable) return pathOf(grant)
  throw new AppError(
    'E_GRANT_REFUSED',
    `${showPath(grant.name)} is no folder that Patchwarden may write to.`,
    'Choose a folder in the dialog for projects; what was dropped or sent is only read.',
  )
}

function recentOf({ projects }: Context, id: string): string {
  const recent = projects.recent().find((one) => one.id === id)
  if (recent) return recent.folder
  throw new AppError(
    'E_ROW_UNKNOWN',
    `There is no recent project ${id.slice(0, 40)}.`,
    'Load the list again, or choose its folder.',
  )
}

/** A name that is a folder's on every system. @throws AppError E_TARGET_INVALID */
function requirePlain(name: string): string {
  const isPlain = /^[^.\s\\/:*?"<>|\p{Cc}]([^\\/:*?"<>|\p{Cc}]*[^.\s\\/:*?"<>|\p{Cc}])?$/u.test(
    name,
  )
  if (isPlain && !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name)) return name
  throw new AppError(
    'E_TARGET_INVALID',
    `${showPath(name)} is no name for a folder.`,
    'Use letters, digits, spaces and dashes; no slashes, and neither a dot nor a space at an end.',
  )
}

const folderTaken = (name: string) =>
  new AppError(
    'E_TARGET_EXISTS',
    `There is something named ${showPath(name)} already.`,
    'Choose another name, or open it if it is a project.',
  )

import { readdirSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { AppError } from '../../shared/errors'
import { pathOf } from '../grants'
import type { HandlersOf } from './handler'

const MOST_ENTRIES = 2_000

export const grantHandlers: HandlersOf<'grants'> = {
  'grants.list': ({ grants }) => ({
    grants: grants.all.map(({ id, name, kind, origin, writable }) => ({
      ...{ id, name, kind, origin, writable },
    })),
    allowsPaths: grants.all.some(({ origin }) => origin === 'command-line'),
  }),
  'grants.fromPath': (context, { path }) => {
    const { id, name } = context.grants.fromPath(path)
    context.changed('grants')
    return { grant: id, name }
  },
  'grants.browse': ({ grants }, { grant, folder = '' }) => {
    const root = pathOf(grants.get(grant))
    const path = grants.pathWithin(grant, folder)
    if (!statSync(path).isDirectory()) {
      throw new AppError('E_GRANT_REFUSED', 'This is a file, not a folder.', 'Choose a folder.')
    }
    const entries = readdirSync(path, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isFile()))
      .sort(
        (a, b) => Number(b.isDirectory()) - Number(a.isDirectory()) || (a.name < b.name ? -1 : 1),
      )
    return {
      folder: relative(root, path).split(sep).join('/'),
      entries: entries.slice(0, MOST_ENTRIES).map((entry) => ({
        name: entry.name,
        isFolder: entry.isDirectory(),
        sizeBytes: entry.isFile() ? sizeOf(join(path, entry.name)) : null,
      })),
      isComplete: entries.length <= MOST_ENTRIES,
    }
  },
  'grants.within': (context, { grant, path }) => {
    const found = context.grants.within(grant, path)
    context.changed('grants')
    return { grant: found.id, name: found.name }
  },
  'grants.drop': (context, { grant }) => {
    context.grants.drop(grant)
    context.changed('grants')
    return {}
  },
}

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? null

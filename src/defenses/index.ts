import { collectPlugins } from '../shared/plugin'

/** All built-in defenses, by id: the files below this folder whose default export is one. */
export const defenses = collectPlugins(
  'defense',
  import.meta.glob<{ default?: unknown }>('./*/*.ts', { eager: true }),
)

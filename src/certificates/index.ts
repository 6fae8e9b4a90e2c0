import { collectPlugins } from '../shared/plugin'

/** All built-in certifiers, by id: one for each method's folder. */
export const certifiers = collectPlugins(
  'certifier',
  import.meta.glob('./*/certifier.ts', { eager: true }),
)

import { collectPlugins } from '../shared/plugin'

const modules = Object.entries(
  import.meta.glob<unknown>(['./*.ts', '!./index.ts'], { eager: true, import: 'default' }),
).map(([file, plugin]) => [file, { default: plugin }] as const)

function isImporter(plugin: unknown): boolean {
  return (
    typeof plugin === 'object' &&
    plugin !== null &&
    'kind' in plugin &&
    plugin.kind === 'dataset-importer'
  )
}

/** All built-in importers, by id: the files of this folder whose default export is one. */
export const importers = collectPlugins(
  'dataset-importer',
  Object.fromEntries(modules.filter(([, module]) => isImporter(module.default))),
)

/** All built-in exporters, by id. */
export const exporters = collectPlugins(
  'report-exporter',
  Object.fromEntries(modules.filter(([, module]) => !isImporter(module.default))),
)

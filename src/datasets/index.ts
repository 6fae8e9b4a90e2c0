import { collectPlugins } from '../shared/plugin'

/** All built-in importers, by id: one for each format's folder. */
export const importers = collectPlugins(
  'dataset-importer',
  import.meta.glob('./*/importer.ts', { eager: true }),
)

/** All built-in exporters of data sets and runs, by id. */
export const datasetExporters = collectPlugins(
  'dataset-exporter',
  import.meta.glob('./*/exporter.ts', { eager: true }),
)

/** All built-in exporters of reports, by id. */
export const exporters = collectPlugins(
  'report-exporter',
  import.meta.glob(['./*.ts', '!./index.ts'], { eager: true }),
)

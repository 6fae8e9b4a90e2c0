import { z } from 'zod'
import { certifiers } from '../../certificates'
import { datasetExporters, exporters, importers } from '../../datasets'
import { defenses } from '../../defenses'
import type { Output } from '../../shared/api'
import type { HandlersOf } from './handler'

type Description = Output<'plugins.list'>['defenses'][number]

export const pluginHandlers: HandlersOf<'plugins'> = {
  'plugins.list': () => ({
    defenses: [...defenses.values()].map(described),
    certificates: [...certifiers.values()].map((plugin) => {
      const { guarantee } = plugin.describe(plugin.params.parse({}))
      return { ...described(plugin), form: 'smoothing' as const, guarantee, defenseId: null }
    }),
    importers: [...importers.values()].map(described),
    exporters: exporterDescriptions(),
  }),
}

function exporterDescriptions(): Output<'plugins.list'>['exporters'] {
  const ofContents = [...datasetExporters.values()].map((plugin) => ({
    ...described(plugin),
    takes: 'datasets-and-runs' as const,
    fileName: plugin.fileName,
    canCopyImages: true,
  }))
  const taken = new Set(ofContents.map(({ id }) => id))
  const ofRuns = [...exporters.values()]
    .filter(({ id }) => !taken.has(id))
    .map((plugin) => ({
      ...described(plugin),
      takes: 'runs' as const,
      fileName: `results${plugin.extension}`,
      canCopyImages: false,
    }))
  return [...ofContents, ...ofRuns].sort((a, b) => (a.name < b.name ? -1 : 1))
}

interface Described {
  readonly id: string
  readonly name: string
  readonly summary: string
  readonly reference?: string
  readonly params: z.ZodObject
}

function described({ id, name, summary, reference, params }: Described): Description {
  return {
    ...{ id, name, summary },
    reference: reference ?? null,
    params: plain(z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' })),
    defaults: plain(params.parse({})),
  }
}

/** Schemas and settings are plain values; JSON drops what is undefined. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as Description['params']

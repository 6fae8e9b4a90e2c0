import type { z } from 'zod'
import type {
  AttackPlugin,
  CertificatePlugin,
  DatasetExporterPlugin,
  DefensePlugin,
  DetectorPlugin,
  ExporterPlugin,
  ImporterPlugin,
} from './kinds'
import type { CertifierPlugin, TallyState } from './smoothing'

// Each function only adds the kind and ties the parameter types together: a plug-in stays a plain object.

export const defineDetector = <P extends z.ZodObject>(plugin: Omit<DetectorPlugin<P>, 'kind'>) =>
  Object.freeze({ kind: 'detector' as const, ...plugin })

export const defineDefense = <P extends z.ZodObject>(plugin: Omit<DefensePlugin<P>, 'kind'>) =>
  Object.freeze({ kind: 'defense' as const, ...plugin })

export const defineAttack = <P extends z.ZodObject>(plugin: Omit<AttackPlugin<P>, 'kind'>) =>
  Object.freeze({ kind: 'attack' as const, ...plugin })

export const defineCertificate = <P extends z.ZodObject>(
  plugin: Omit<CertificatePlugin<P>, 'kind'>,
) => Object.freeze({ kind: 'certificate' as const, ...plugin })

export const defineCertifier = <P extends z.ZodObject, S extends TallyState>(
  plugin: Omit<CertifierPlugin<P, S>, 'kind'>,
) => Object.freeze({ kind: 'certifier' as const, ...plugin })

export const defineImporter = <P extends z.ZodObject>(plugin: Omit<ImporterPlugin<P>, 'kind'>) =>
  Object.freeze({ kind: 'dataset-importer' as const, ...plugin })

export const defineDatasetExporter = <P extends z.ZodObject>(
  plugin: Omit<DatasetExporterPlugin<P>, 'kind'>,
) => Object.freeze({ kind: 'dataset-exporter' as const, ...plugin })

export const defineExporter = <P extends z.ZodObject>(plugin: Omit<ExporterPlugin<P>, 'kind'>) =>
  Object.freeze({ kind: 'report-exporter' as const, ...plugin })

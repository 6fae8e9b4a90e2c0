/// <reference types="vite/client" />
import { collectPlugins } from '../shared/plugin'
import type { OutputFamily } from '../shared/plugin/output-family'

/** All built-in detectors, by id: the files of this folder whose default export is one. */
export const detectors = collectPlugins(
  'detector',
  import.meta.glob<{ default?: unknown }>(['./*.ts', '!./index.ts'], { eager: true }),
)

/** The same, as what they are: output families, by the id that a card's `output.family` names. */
export const outputFamilies: ReadonlyMap<string, OutputFamily> = new Map(
  // Every file of this folder makes its plug-in with defineOutputFamily; the test of this folder checks that.
  [...detectors].map(([id, plugin]) => [id, plugin as unknown as OutputFamily]),
)

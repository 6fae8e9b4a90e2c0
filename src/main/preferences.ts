import { z } from 'zod'
import { StateFile } from './state-file'

const schema = z.object({
  appearance: z.enum(['system', 'dark', 'light', 'high-contrast']),
  /** Updates are off until the user asks for them. */
  updatesWanted: z.boolean(),
  /** Where dialogs open, by purpose: Electron forgets it between starts. */
  lastFolders: z.record(z.string().max(40), z.string().max(4_096)),
})
export type Preferences = z.infer<typeof schema>

const defaults: Preferences = { appearance: 'system', updatesWanted: false, lastFolders: {} }

/** What the desktop shell itself remembers; all else is in the project. */
export function openPreferences(path: string): StateFile<Preferences> {
  return new StateFile(path, schema, defaults)
}

import { z } from 'zod'

// What the page may send to the main process: one schema a channel, for the whole payload. A channel that is not here
// does not exist. Sizes are limited here too, since a payload is untrusted until it was parsed.

const nothing = z.undefined()
const MAX_FILES_AT_ONCE = 20_000
const MAX_PATH = 4_096
const MAX_CHARACTERS = 8 * 1_024 * 1_024

const appearance = z.enum(['system', 'dark', 'light', 'high-contrast'])
const folderPurpose = z.enum(['import', 'export', 'project'])
const filesPurpose = z.enum(['import', 'model', 'annotations'])

export const requests = {
  'core:connect': nothing,
  'core:restart': nothing,
  'core:status': nothing,
  /** Paths come from the preload, which read them off `File` objects; `''` is a file that a script made. */
  'grants:files': z.strictObject({
    paths: z
      .array(z.string().max(MAX_PATH))
      .min(1)
      .max(MAX_FILES_AT_ONCE)
      .refine((paths) => paths.reduce((sum, path) => sum + path.length, 0) <= MAX_CHARACTERS),
  }),
  'dialog:folder': z.strictObject({ purpose: folderPurpose }),
  'dialog:files': z.strictObject({ purpose: filesPurpose }),
  'shell:show-grant': z.strictObject({ grantId: z.uuid() }),
  'shell:open-external': z.strictObject({ url: z.string().max(2_000) }),
  'appearance:set': z.strictObject({ choice: appearance }),
  'updates:state': nothing,
  'updates:want': z.strictObject({ wanted: z.boolean() }),
  'updates:check': nothing,
  'updates:install': nothing,
} as const

export type RequestChannel = keyof typeof requests
export type RequestPayload<C extends RequestChannel> = z.infer<(typeof requests)[C]>

/** What the main process sends to the page, each with one value. */
export type PushChannel =
  | 'core:port'
  | 'core:status-changed'
  | 'menu:command'
  | 'menu:recent'
  | 'files:opened'
  | 'updates:changed'

export type AppearanceChoice = z.infer<typeof appearance>
export type ChooseFolderPurpose = z.infer<typeof folderPurpose>
export type ChooseFilesPurpose = z.infer<typeof filesPurpose>

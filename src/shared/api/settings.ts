import { z } from 'zod'
import { read, write } from './define'
import { nothing } from './values'

/** What a user has chosen for all projects. Unknown names of newer versions are kept. */
export const appSettings = z.strictObject({
  theme: z.enum(['system', 'dark', 'light', 'hc']).default('system'),
  textPercent: z.int().min(90).max(200).default(100),
  surround: z.enum(['black', 'dark', 'mid', 'light']).default('dark'),
  lineWidth: z.number().min(1.5).max(4).default(2),
  /** Keys by the id of the command, as text such as `Ctrl+Z`; only those that differ from the defaults. */
  shortcuts: z.record(z.string().max(100), z.array(z.string().max(50)).max(4)).default({}),
  /** Of vision workers; 0: chosen by measurement. */
  workers: z.int().min(0).max(256).default(0),
  /** Of one model run; 0: chosen by measurement. */
  threads: z.int().min(0).max(256).default(0),
  /** Larger pictures are refused. */
  maxMegapixels: z.number().min(0.001).max(4_000).default(120),
  thumbnailCacheBytes: z
    .int()
    .min(10_000_000)
    .max(2 ** 40)
    .default(2 ** 31),
  /** Nothing is fetched unless this is on or the user presses Get. */
  network: z.boolean().default(false),
  /** Hints of the first run that were seen. */
  hintsSeen: z.array(z.string().max(50)).max(50).default([]),
  /** What screens keep: panel widths, cell size, last choices. */
  layout: z.record(z.string().max(100), z.json()).default({}),
})
export type AppSettings = z.infer<typeof appSettings>

const changes = z.strictObject(
  Object.fromEntries(
    Object.entries(appSettings.shape).map(([name, field]) => [name, field.unwrap().optional()]),
  ) as {
    [K in keyof typeof appSettings.shape]: z.ZodOptional<
      ReturnType<(typeof appSettings.shape)[K]['unwrap']>
    >
  }, // fromEntries forgets the keys
)

export const settingProcedures = {
  'settings.get': read('All settings, defaults where nothing was chosen.', nothing, appSettings),
  'settings.set': write('Changes some settings and answers all.', changes, appSettings),
  'settings.reset': write('Back to the defaults.', nothing, appSettings),
}

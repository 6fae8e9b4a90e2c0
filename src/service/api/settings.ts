import { appSettings, type AppSettings } from '../../shared/api'
import type { HandlersOf } from './handler'

export const settingHandlers: HandlersOf<'settings'> = {
  'settings.get': ({ settings }) => settings.get(),
  async 'settings.set'(context, changes) {
    const given = Object.fromEntries(
      Object.entries(changes).filter(([, value]) => value !== undefined),
    ) as Partial<AppSettings> // the same fields, without those that were left out
    const now = await context.settings.set(given)
    context.changed('settings')
    return now
  },
  async 'settings.reset'(context) {
    await context.settings.set(appSettings.parse({}))
    context.changed('settings')
    return context.settings.get()
  },
}

import { defenses } from '../defenses'
import { AppError } from '../shared/errors'
import { parseSettings } from '../shared/plugin'

/**
 * A defense by its id, with the settings of `--set`.
 * @throws AppError E_DEFENSE_UNKNOWN, E_SETTING_UNKNOWN, E_SETTING_INVALID
 */
export function chosenDefense(id: string, settings: readonly string[]) {
  const plugin = defenses.get(id)
  if (!plugin) {
    throw new AppError(
      'E_DEFENSE_UNKNOWN',
      `there is no defense "${id}"`,
      `Choose one of ${[...defenses.keys()].join(', ')}.`,
    )
  }
  return { plugin, params: parseSettings(id, plugin.params, settings) }
}

import { showPath, type ImageWarning } from '../../shared/image-errors'

const plain = /^[\w.-]+$/
const lost = '\ufffd'
// Names that Windows keeps for devices, with any ending, and endings that it drops.
const reserved = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)|[. ]$/i

const none: readonly ImageWarning[] = []

/** What is odd about the names in one folder. */
export class NameCheck {
  readonly #seen = new Map<string, string>()

  /** Warnings for one name; each name is asked for once. */
  warningsFor(name: string): readonly ImageWarning[] {
    // As file systems that ignore case and the composition of letters would have it.
    const key = plain.test(name) ? name.toLowerCase() : name.normalize('NFC').toLowerCase()
    const twin = this.#seen.get(key)
    this.#seen.set(key, name)
    if (twin === undefined && plain.test(name) && !reserved.test(name)) return none
    const shown = showPath(name)
    const warnings: ImageWarning[] = []
    const warn = (code: string, message: string) => warnings.push({ code, message })
    if (name.includes(lost)) {
      warn('W_NAME_NOT_UTF8', `The name ${shown} is not UTF-8; lost letters are shown as ${lost}.`)
    } else if (shown !== name) {
      warn('W_NAME_UNUSUAL', `The name ${shown} holds control characters, shown as their codes.`)
    }
    if (reserved.test(name)) {
      warn('W_NAME_RESERVED', `The name ${shown} is not allowed on Windows.`)
    }
    if (twin !== undefined) {
      warn(
        'W_NAME_COLLISION',
        `The names ${showPath(twin)} and ${shown} are one on other systems: they differ in case or accents only.`,
      )
    }
    return warnings
  }
}

import { hash } from 'node:crypto'

/** Names that Windows keeps for devices, with any ending. */
const reserved = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?=\.|$)/i
/** What no file name may hold on some system: Windows forbids the signs, terminals the controls and the hidden ones. */
const forbidden =
  // eslint-disable-next-line no-control-regex -- controls are what is looked for
  /[\u0000-\u001f\u007f-\u009f<>:"|?*\\\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd]/g
/** Most file systems count bytes; four are left for the endings of derived names, such as `.json` for `.jpg`. */
const longest = 251

/** A name that each system takes: parts separated by `/`, none of them empty, `.` or `..`. The same name, the same answer. */
export function safeName(name: string): string {
  return name.split('/').map(safePart).join('/')
}

function safePart(part: string): string {
  let safe = part.toWellFormed().replace(forbidden, '_')
  safe = safe.replace(/[. ]+$/, (end) => '_'.repeat(end.length))
  safe = safe.replace(reserved, (device) => `${device}_`)
  return shorten(safe === '' ? '_' : safe)
}

/** Cut names stay different by a few digits of their digest. */
function shorten(part: string): string {
  if (Buffer.byteLength(part) <= longest) return part
  const { stem, ending } = splitEnding(part)
  const mark = `~${hash('sha256', part).slice(0, 8)}`
  const room = longest - Buffer.byteLength(mark + ending)
  let cut = stem
  while (Buffer.byteLength(cut) > room) cut = cut.slice(0, -1)
  return cut.toWellFormed().replaceAll('\ufffd', '') + mark + ending
}

/** The ending counts if it is short, as those of pictures are. */
function splitEnding(name: string): { stem: string; ending: string } {
  const ending = /(?<=[^/])\.[^./]{1,8}$/.exec(name)?.[0] ?? ''
  return { stem: name.slice(0, name.length - ending.length), ending }
}

/** As file systems that ignore case and the composition of letters would have it. */
const keyOf = (name: string) => name.normalize('NFC').toLowerCase()

/**
 * Gives out names that each system takes and that differ in more than case, accents or ending: formats derive the names
 * of their own files from those of pictures without ending. Asked for the same names in the same order, it gives the same.
 */
export class SafeNames {
  readonly #taken = new Set<string>()

  next(name: string): string {
    const safe = safeName(name)
    const { stem, ending } = splitEnding(safe)
    let free = stem
    for (let n = 2; this.#taken.has(keyOf(free)); n++) free = `${stem}~${n}`
    this.#taken.add(keyOf(free))
    return free + ending
  }
}

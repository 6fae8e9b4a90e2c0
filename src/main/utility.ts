import { utilityProcess, type UtilityProcess } from 'electron'

/** Variables that programs of ours may see; nothing else of the user's environment reaches them. */
const passedOn = [
  'HOME',
  'LANG',
  'LC_ALL',
  'LOCALAPPDATA',
  'APPDATA',
  'PATH',
  'PATCHWARDEN_PROJECT',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'TMPDIR',
  'TZ',
  'USERPROFILE',
  'XDG_CACHE_HOME',
  'XDG_DATA_HOME',
]
const LAST_WORDS_CHARACTERS = 2_000
const KILL_GRACE_MS = 2_000

/** A utility process together with the end of what it wrote to its standard error. */
export interface Utility {
  readonly child: UtilityProcess
  lastWords(): string
  /** Asks the system to end it, and insists after a moment. */
  end(): void
}

export function startUtility(entry: string, args: readonly string[], name: string): Utility {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([key, value]) => value !== undefined && passedOn.includes(key.toUpperCase()),
    ),
  )
  const child = utilityProcess.fork(entry, [...args], { serviceName: name, stdio: 'pipe', env })
  let lastWords = ''
  // Read even where nobody looks: a full pipe would block the process.
  child.stdout?.resume()
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString('utf8')).slice(-LAST_WORDS_CHARACTERS)
  })
  let hasEnded = false
  child.once('exit', () => {
    hasEnded = true
  })
  return {
    child,
    lastWords: () => lastWords.trim(),
    end: () => {
      const { pid } = child
      if (hasEnded) return
      child.kill()
      setTimeout(() => {
        if (!hasEnded && pid !== undefined) forceEnd(pid)
      }, KILL_GRACE_MS).unref()
    },
  }
}

function forceEnd(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended at this very moment.
  }
}

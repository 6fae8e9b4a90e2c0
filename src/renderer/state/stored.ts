/** A value that is kept for the user between starts. */
export interface Stored<T> {
  read(): T
  write(value: T): void
}

/** Kept in the browser's storage; `parse` gets whatever is there, since older versions and people write it too. */
export function stored<T>(name: string, initial: T, parse: (data: unknown) => T): Stored<T> {
  const key = `patchwarden.${name}`
  return {
    read() {
      try {
        const text = localStorage.getItem(key)
        return text === null ? initial : parse(JSON.parse(text))
      } catch {
        return initial
      }
    },
    write(value) {
      try {
        localStorage.setItem(key, JSON.stringify(value))
      } catch {
        // Storage that is full or switched off: the choice holds until the window closes.
      }
    },
  }
}

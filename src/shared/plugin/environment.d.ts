// All that pure code may know of its surroundings, which are neither a browser nor Node.

interface ImportMeta {
  /** Vite's: collects the files of a folder at build time. */
  glob<T>(
    pattern: string | readonly string[],
    options: { eager: true; import?: string; query?: string },
  ): Record<string, T>
}

interface AbortSignal {
  readonly aborted: boolean
  throwIfAborted(): void
}

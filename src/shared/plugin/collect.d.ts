/** The one thing of Vite's that pure code uses: collecting the files of a folder at build time. */
interface ImportMeta {
  glob<T>(
    pattern: string | readonly string[],
    options: { eager: true; import?: string; query?: string },
  ): Record<string, T>
}

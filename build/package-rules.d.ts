type Names = readonly string[]

export function archiveFaults(files: Names, productionPackages: ReadonlySet<string>): string[]
export function productionPackages(lock: {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>
}): Set<string>
export function nativeFaults(
  unpacked: Names,
  packed: Names,
  target: { readonly system: string; readonly arch: string },
): string[]
export function pageFaults(name: string, text: string): string[]
export function preloadFaults(text: string): string[]
export function fuseFaults(
  binary: Buffer,
  fuses: Readonly<Record<string, boolean>>,
  sentinel: string,
): string[]
export function electronAdvice(
  ours: number,
  newest: number,
): { readonly level: 'ok' | 'warning' | 'error'; readonly text: string }

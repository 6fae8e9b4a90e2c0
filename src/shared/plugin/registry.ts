import type { AnyPlugin } from './kinds'

type Kind = AnyPlugin['kind']
type OfKind<K extends Kind> = Extract<AnyPlugin, { kind: K }>

/** The plug-ins of one kind, by id. */
export type PluginMap<K extends Kind> = ReadonlyMap<string, OfKind<K>>

const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/

/**
 * Collects the default exports of a folder's files (from `import.meta.glob`) as plug-ins of one kind, sorted by id.
 * Files without a default export are parts of a plug-in and are passed over. A wrong head or an id used twice is our
 * own bug and stops the program.
 */
export function collectPlugins<K extends Kind>(
  kind: K,
  modules: Readonly<Record<string, { readonly default?: unknown }>>,
): PluginMap<K> {
  const plugins: OfKind<K>[] = []
  for (const [file, module] of Object.entries(modules)) {
    if (module.default === undefined) continue
    const problem = faultOfHead(module.default, kind)
    if (problem) throw new TypeError(`${file}: ${problem}`)
    // faultOfHead has just checked the head; the functions behind it are checked by the contract tests.
    plugins.push(module.default as OfKind<K>)
  }
  plugins.sort((a, b) => (a.id < b.id ? -1 : 1))
  const byId = new Map(plugins.map((plugin) => [plugin.id, plugin]))
  if (byId.size !== plugins.length) {
    throw new TypeError(`two plug-ins of kind ${kind} have the same id`)
  }
  return byId
}

function faultOfHead(value: unknown, kind: Kind): string | null {
  if (typeof value !== 'object' || value === null) return 'the default export is not a plug-in'
  const head = value as Record<string, unknown> // read field by field below
  if (head['kind'] !== kind) return `the kind is ${String(head['kind'])}, not ${kind}`
  if (typeof head['id'] !== 'string' || !ID.test(head['id'])) return 'the id is not kebab-case'
  for (const field of ['name', 'summary']) {
    if (typeof head[field] !== 'string' || head[field] === '') return `it has no ${field}`
  }
  const params = head['params']
  if (typeof params !== 'object' || params === null || !('safeParse' in params)) {
    return 'params is not a zod object'
  }
  return null
}

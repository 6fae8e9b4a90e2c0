import { hash } from 'node:crypto'
import type { Context } from './context'

interface ImportPicture {
  readonly path: string
  readonly source: string
}

const PICTURES_KEPT = 500
const ofContext = new WeakMap<Context, Map<string, ImportPicture>>()

/** Remembers a picture that may be imported, so that it can be shown before. Answers its name. */
export function keepImportPicture(context: Context, picture: ImportPicture): string {
  const kept = ofContext.get(context) ?? new Map<string, ImportPicture>()
  ofContext.set(context, kept)
  const token = hash('sha256', picture.source).slice(0, 24)
  kept.delete(token)
  kept.set(token, picture)
  for (const old of [...kept.keys()].slice(0, -PICTURES_KEPT)) kept.delete(old)
  return token
}

export function importPicture(context: Context, token: string): ImportPicture | undefined {
  return ofContext.get(context)?.get(token)
}

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Photographs, third-party models and larger references lie beside the repository; a clone alone has none of them. */
export const sharedData = fileURLToPath(new URL('../../../shared/data/', import.meta.url))

export const hasSharedData = existsSync(sharedData)

/** For titles of tests that are skipped without it. */
export const needsSharedData = hasSharedData ? '' : ' (skipped: ../shared/data is not there)'

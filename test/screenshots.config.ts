import { defineConfig } from 'vitest/config'
import e2e from './e2e.config'

/** Pictures of every screen for the documentation, into docs/screens: `npm run screenshots`. */
export default defineConfig({
  ...e2e,
  test: { ...e2e.test, include: ['test/e2e/screenshots.ts'], testTimeout: 600_000 },
})

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// `npm run mutation`: every fault that can be planted in the certificates, one after the other. It takes an hour;
// `npm test` tries a few of each file. MUTANTS=splitting-noise tries those of one folder.
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/certificates/mutation.test.ts'],
    env: { MUTANTS: process.env['MUTANTS'] ?? 'all' },
    testTimeout: 3_600_000,
  },
})

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// `npm run mutation`: every fault that can be planted in the certificates, one after the other, and their properties with
// many examples. It takes half an hour; `npm test` tries a few of a few files, and fewer examples.
// MUTANTS=splitting-noise tries the faults of one folder.
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/certificates/{mutation,checks}.test.ts'],
    env: { MUTANTS: process.env['MUTANTS'] ?? 'all' },
    testTimeout: 3_600_000,
  },
})

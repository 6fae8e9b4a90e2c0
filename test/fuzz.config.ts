import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// `npm run fuzz`: the tests called "fuzz: …" alone, with 20,000 cases each (or FUZZ_RUNS) and no limit of time. It takes
// hours; the tests themselves are those of `npm test`, which gives each up to 1,000 cases.
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    testNamePattern: '\\bfuzz: ',
    env: { FUZZ_RUNS: process.env['FUZZ_RUNS'] ?? '20000' },
    testTimeout: 12 * 3_600_000,
    passWithNoTests: false,
  },
})

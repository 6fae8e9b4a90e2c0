import { defineConfig } from 'vitest/config'

/** Smoke tests of the desktop app in real Electron: `npm run smoke`. They skip, saying so, where its binary is absent. */
export default defineConfig({
  test: {
    include: ['test/electron/**/*.smoke.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
})

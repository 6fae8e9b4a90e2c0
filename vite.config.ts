import { defineConfig } from 'vitest/config'

// The command line and the vision worker are bundled (plug-ins are collected with import.meta.glob); everything from
// node_modules stays outside the bundle, native addons above all.
export default defineConfig({
  build: {
    ssr: true,
    target: 'node22',
    outDir: 'out',
    emptyOutDir: false,
    sourcemap: true,
    minify: false,
    rolldownOptions: {
      input: {
        cli: 'src/cli/main.ts',
        worker: 'src/engine/vision-worker.ts',
        probe: 'src/engine/models/probe-worker.ts',
        verify: 'src/engine/import/verify-worker.ts',
        export: 'src/service/export-worker.ts',
        study: 'src/engine/studies/study-worker.ts',
        studio: 'src/engine/studio/studio-worker.ts',
        reader: 'src/service/reader/reader-worker.ts',
        // The desktop's core and its bridge to workers run in plain Node too, which tests make use of.
        core: 'src/main/core.ts',
        'utility-worker': 'src/main/utility-worker.ts',
        bench: 'bench/index.ts',
        memory: 'bench/memory-worker.ts',
      },
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunk-[hash].js' },
    },
  },
  test: {
    // The real module exists only inside Electron.
    alias: { electron: new URL('./test/support/fake-electron/index.ts', import.meta.url).pathname },
    include: ['test/**/*.test.ts'],
    // Those drive a browser, for minutes: `npm run e2e`.
    exclude: ['test/e2e/**'],
    globalSetup: ['test/support/build-program.ts', 'test/support/tests-folder.ts'],
    // Many tests wait for programs that they started: one worker would leave a core idle.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
})

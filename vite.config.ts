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
        bench: 'bench/index.ts',
        memory: 'bench/memory-worker.ts',
      },
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunk-[hash].js' },
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build-program.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})

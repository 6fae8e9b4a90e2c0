import { defineConfig } from 'electron-vite'
import renderer from './renderer.vite.config'
import programs from './vite.config'

/** Every program of the build but those that only a checkout has: core, its workers, and the bridge between them. */
const inputs = Object.fromEntries(
  Object.entries(programInputs()).filter(([name]) => !['cli', 'bench', 'memory'].includes(name)),
)

function programInputs(): Record<string, string> {
  const { input } = programs.build?.rolldownOptions ?? {}
  if (typeof input !== 'object' || Array.isArray(input))
    throw new Error('vite.config.ts names no programs')
  return input
}

/**
 * The desktop app: main and core with their workers (ES modules beside one another, so that they find each other), the
 * preload (one CommonJS file: sandboxed preloads can be nothing else) and the renderer that the service serves too.
 */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/app/main',
      target: 'node24',
      rolldownOptions: {
        input: {
          main: 'src/main/main.ts',
          ...inputs,
        },
        // Programs look for each other in their own folder: no folder for chunks.
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunk-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/app/preload',
      target: 'node24',
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: 'src/preload/index.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  },
  renderer,
})

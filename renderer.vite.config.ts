import { svelte } from '@sveltejs/vite-plugin-svelte'
import { fileURLToPath } from 'node:url'
import type { UserConfig } from 'vite'

const projectFile = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * The one build of the renderer. Electron loads it from `app://bundle/`, the local service serves the same files to a
 * browser. Both send a policy without inline scripts, inline styles and `data:` URLs, so nothing may be inlined here.
 */
const renderer = {
  root: projectFile('src/renderer'),
  // Relative, because the two hosts serve the folder at different places.
  base: './',
  plugins: [
    svelte({
      configFile: false,
      compilerOptions: { runes: true },
      // Styles go into files, never into <style> elements made at run time.
      emitCss: true,
    }),
  ],
  build: {
    outDir: projectFile('out/app/renderer'),
    emptyOutDir: true,
    // Electron 45 is Chrome 156; the same bundle opens in older browsers through the local service.
    target: 'chrome140',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
    rolldownOptions: { input: projectFile('src/renderer/index.html') },
  },
} satisfies UserConfig

export default renderer

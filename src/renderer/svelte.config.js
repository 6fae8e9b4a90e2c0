/** For svelte-check and editors; the build has the same options in renderer.vite.config.ts. */
export default { compilerOptions: { runes: true } }

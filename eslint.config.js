import eslint from '@eslint/js'
import prettier from 'eslint-config-prettier'
import svelte from 'eslint-plugin-svelte'
import tseslint from 'typescript-eslint'

/** Imports point one way: shared <- plug-in folders <- engine, store <- service <- main, cli. */
const pluginFolders = ['defenses', 'certificates', 'detectors', 'attacks', 'datasets']
const outerFolders = ['engine', 'store', 'service', 'cli', 'main', 'preload', 'renderer']

const above = (folders) => folders.map((folder) => ({ regex: `^(\\.\\./)+${folder}(/|$)` }))
const noNode = { regex: '^node:', message: 'Pure code takes what it needs as arguments.' }
const only = (folder, packages) =>
  packages.map((name) => ({ name, message: `Only src/${folder} may touch ${name}.` }))
const enginePackages = only('engine', ['onnxruntime-node', 'sharp', '@techstark/opencv-js'])
const storePackages = only('store', ['better-sqlite3'])
const servicePackages = only('service', ['fastify'])
const electron = [
  ...only('main', ['electron', 'electron-updater']),
  ...only('renderer', ['svelte', 'bits-ui', '@lucide/svelte']),
]
/** The renderer sees the core through `src/shared/api` and the desktop through its bridge, and nothing else. */
const rendererPackages = [
  ...enginePackages,
  ...storePackages,
  ...only('main', ['electron', 'electron-updater']),
  ...servicePackages,
]
/**
 * Each file is looked up in the one project that has it: with several to search, the linter brings every one of them up
 * to date for each component, which takes minutes.
 */
const typedBy = (project) => ({
  parserOptions: { project: [project], tsconfigRootDir: import.meta.dirname },
})
const inBrowsers = [
  'test/renderer/**',
  'test/e2e/**',
  'test/electron/**',
  'test/main/preload.test.ts',
]

const restrict = (patterns, paths) => ({
  '@typescript-eslint/no-restricted-imports': ['error', { patterns, paths }],
})
const pure = {
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Use run.random(): results must repeat.' },
    {
      object: 'Date',
      property: 'now',
      message: 'Use run.stage(): plug-ins do not read the clock.',
    },
  ],
  'no-restricted-globals': ['error', 'process', 'Buffer', 'fetch', 'setTimeout', 'performance'],
}

export default tseslint.config(
  { ignores: ['out/', 'node_modules/', 'test/fixtures/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Typed-array reads inside a bounded loop: noUncheckedIndexedAccess asks for the mark, speed forbids a check.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Iterating a typed array takes ten times as long as counting through it.
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
    },
  },
  { files: inBrowsers, languageOptions: typedBy('./tsconfig.browser.json') },
  { files: ['src/preload/**/*.ts'], languageOptions: typedBy('./src/preload/tsconfig.json') },
  {
    files: ['src/renderer/**/*.ts', 'src/renderer/**/*.svelte'],
    languageOptions: typedBy('./src/renderer/tsconfig.json'),
  },
  {
    files: ['bin/**/*.js', 'build/**/*.js', 'test/**/*.js', '**/*.config.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        AbortSignal: 'readonly',
        Buffer: 'readonly',
        TextEncoder: 'readonly',
        clearTimeout: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
        setImmediate: 'readonly',
        setInterval: 'readonly',
        setTimeout: 'readonly',
        structuredClone: 'readonly',
      },
    },
  },
  {
    // electron-builder reads its configuration as CommonJS.
    files: ['build/**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { module: 'writable', require: 'readonly', process: 'readonly' },
    },
  },
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      // Markup from data would be markup of whoever made the data.
      'svelte/no-at-html-tags': 'error',
      // The content security policy refuses style attributes: use classes, or style: directives, which set properties.
      'no-restricted-syntax': [
        'error',
        {
          selector: "SvelteAttribute[key.name='style'][value.0.type='SvelteLiteral']",
          message: 'Use a class, or a style: directive.',
        },
      ],
      'svelte/button-has-type': 'error',
      // `let x = $state()` and props of a template are not seen by these.
      'prefer-const': 'off',
      // Types of handlers in templates are known to svelte-check alone; here they are all `any`.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // svelte-check says which warnings there are.
      'svelte/no-unused-svelte-ignore': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['src/shared/**/*.ts'],
    rules: {
      ...pure,
      ...restrict(
        [...above([...pluginFolders, ...outerFolders]), noNode],
        [...enginePackages, ...storePackages, ...servicePackages, ...electron],
      ),
    },
  },
  ...pluginFolders.map((folder) => ({
    files: [`src/${folder}/**/*.ts`],
    rules: {
      ...pure,
      ...restrict(
        [...above([...pluginFolders.filter((other) => other !== folder), ...outerFolders]), noNode],
        [...enginePackages, ...storePackages, ...electron],
      ),
    },
  })),
  {
    files: ['src/engine/**/*.ts'],
    rules: restrict(above(['service', 'cli', 'main', 'renderer']), [
      ...storePackages,
      ...servicePackages,
      ...electron,
    ]),
  },
  {
    files: ['src/store/**/*.ts'],
    rules: restrict(above(['service', 'cli', 'main', 'renderer']), [
      ...enginePackages,
      ...servicePackages,
      ...electron,
    ]),
  },
  {
    files: ['src/service/**/*.ts'],
    rules: restrict(above(['cli', 'main', 'renderer']), [
      ...enginePackages,
      ...storePackages,
      ...electron,
    ]),
  },
  {
    files: ['src/cli/**/*.ts'],
    rules: restrict(above(['main', 'renderer']), [
      ...enginePackages,
      ...storePackages,
      ...servicePackages,
      ...electron,
    ]),
  },
  {
    files: ['src/main/**/*.ts'],
    rules: {
      ...restrict(above(['cli', 'renderer', 'preload']), [
        ...enginePackages,
        ...storePackages,
        ...only('renderer', ['svelte', 'bits-ui', '@lucide/svelte']),
        {
          name: 'electron',
          importNames: ['crashReporter', 'net', 'webContents'],
          message: 'No reports with memory in them, no network, no page but that of our window.',
        },
      ]),
      'no-restricted-properties': [
        'error',
        { object: 'shell', property: 'openPath', message: 'Show a granted place instead.' },
        { object: 'shell', property: 'openExternal', message: 'Use external-links.ts.' },
      ],
    },
  },
  {
    files: ['src/main/external-links.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    // A sandboxed preload can load nothing but Electron: of `shared` it may take types alone.
    files: ['src/preload/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^(\\.\\./)+(?!\\.|shared(/|$)|package\\.json$)' },
            { regex: '^(\\.\\./)+shared(/|$)', allowTypeImports: true },
            noNode,
          ],
          paths: [...enginePackages, ...storePackages, { name: 'zod' }],
        },
      ],
    },
  },
  {
    files: ['src/renderer/**/*.ts', 'src/renderer/**/*.svelte'],
    rules: restrict(
      [
        ...above([...pluginFolders, ...outerFolders.filter((name) => name !== 'renderer')]),
        { regex: '^node:', message: 'Pages have no Node.' },
      ],
      rendererPackages,
    ),
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
    },
  },
  prettier,
  ...svelte.configs.prettier,
)

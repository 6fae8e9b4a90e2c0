import eslint from '@eslint/js'
import prettier from 'eslint-config-prettier'
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
const electron = only('main', ['electron'])

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
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Typed-array reads inside a bounded loop: noUncheckedIndexedAccess asks for the mark, speed forbids a check.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Iterating a typed array takes ten times as long as counting through it.
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['bin/**/*.js', 'test/**/*.js', 'eslint.config.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
  {
    files: ['src/shared/**/*.ts'],
    rules: {
      ...pure,
      ...restrict(
        [...above([...pluginFolders, ...outerFolders]), noNode],
        [...enginePackages, ...storePackages, ...electron],
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
    rules: restrict(above(['service', 'cli', 'main', 'renderer']), [...storePackages, ...electron]),
  },
  {
    files: ['src/store/**/*.ts'],
    rules: restrict(above(['service', 'cli', 'main', 'renderer']), [
      ...enginePackages,
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
      ...electron,
    ]),
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
    },
  },
  prettier,
)

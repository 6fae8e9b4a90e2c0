// How the app is packaged. Models and native libraries lie outside the archive: models as resources, the libraries
// unpacked beside it, because the system must be able to open them as files.
const { fuses } = require('./fuses.cjs')

const env = process.env
/** Where releases look for updates; without it a package has none and says so. */
const updateUrl = env.PATCHWARDEN_UPDATE_URL
const azure = env.PATCHWARDEN_AZURE_SIGNING === '1'

/** What a package does not need of its dependencies. */
const leftOut = [
  '!**/*.map',
  '!**/*.{ts,mts,cts,md,markdown,flow,gyp,gypi,h,hpp,c,cc,cpp,patch,sh}',
  '!**/{test,tests,__tests__,example,examples,benchmark,benchmarks,coverage,.github,docs,doc}/**',
  '!**/{eslint.config.*,.eslintrc*,.prettierrc*,.editorconfig,.npmignore,.travis.yml,tsconfig*.json,CHANGELOG*}',
  '!node_modules/better-sqlite3/{deps,src}/**',
  '!node_modules/onnxruntime-node/{script,lib}/**',
  '!node_modules/@techstark/opencv-js/src/**',
]
/** Native libraries of other systems. Each system is packaged on itself, where npm has installed what it needs. */
const system = process.platform
const others = ['darwin', 'linux', 'linuxmusl', 'win32'].filter((name) => name !== system).join(',')
const foreign = [
  `!node_modules/onnxruntime-node/bin/napi-v6/{${others}}/**`,
  '!node_modules/onnxruntime-node/bin/napi-v6/*/!(${arch})/**',
  `!node_modules/better-sqlite3/{lib,prebuilds}/{${others}}-*`,
  `!node_modules/better-sqlite3/{lib,prebuilds}/${system}-!(\${arch}).*`,
]

module.exports = {
  appId: 'org.patchwarden.app',
  productName: 'Patchwarden',
  copyright: 'MIT licence',
  directories: { output: 'out/package', buildResources: 'build' },
  files: ['package.json', 'out/app/**', ...leftOut, ...foreign],
  asar: true,
  asarUnpack: ['**/*.node', '**/node_modules/onnxruntime-node/bin/**', '**/node_modules/@img/**'],
  extraResources: [
    {
      from: 'models',
      to: 'models',
      filter: ['catalog.json', '*/model.{onnx,json}', '!training/**'],
    },
    { from: 'LICENSE', to: 'LICENSE.patchwarden.txt' },
  ],
  electronFuses: {
    ...fuses,
    // An unsigned app of Apple's own processors starts only with a signature that fits its bytes.
    resetAdHocDarwinSignature: process.platform === 'darwin' && !env.CSC_LINK,
  },
  // All native modules speak Node-API: nothing is compiled for Electron.
  npmRebuild: false,
  nodeGypRebuild: false,
  buildDependenciesFromSource: false,
  publish: updateUrl ? [{ provider: 'generic', url: updateUrl }] : null,
  extraMetadata: {
    main: 'out/app/main/main.js',
    ...(env.PATCHWARDEN_HOMEPAGE ? { homepage: env.PATCHWARDEN_HOMEPAGE } : {}),
  },
  artifactName: '${productName}-${version}-${os}-${arch}.${ext}',

  win: {
    icon: 'out/icons/icon.ico',
    target: [{ target: 'nsis', arch: ['x64', 'arm64'] }],
    signExts: ['.dll', '.node'],
    ...(azure
      ? {
          azureSignOptions: {
            publisherName: env.PATCHWARDEN_AZURE_PUBLISHER,
            endpoint: env.PATCHWARDEN_AZURE_ENDPOINT,
            certificateProfileName: env.PATCHWARDEN_AZURE_PROFILE,
            codeSigningAccountName: env.PATCHWARDEN_AZURE_ACCOUNT,
          },
        }
      : {}),
  },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },

  mac: {
    icon: 'out/icons/icon.icns',
    category: 'public.app-category.graphics-design',
    // onnxruntime-node has no library for Intel Macs.
    target: [
      { target: 'dmg', arch: ['arm64'] },
      { target: 'zip', arch: ['arm64'] },
    ],
    minimumSystemVersion: '13.0',
    hardenedRuntime: true,
    gatekeeperAssess: false,
    entitlements: 'build/entitlements.mac.plist',
    entitlementsInherit: 'build/entitlements.mac.plist',
    notarize: Boolean(env.APPLE_API_KEY),
  },

  linux: {
    icon: 'out/icons/linux',
    executableName: 'patchwarden',
    category: 'Graphics',
    synopsis: 'Protects object detectors against adversarial patches',
    maintainer: env.PATCHWARDEN_MAINTAINER ?? 'Patchwarden',
    target: ['deb', 'rpm', 'AppImage'].map((target) => ({ target, arch: ['x64', 'arm64'] })),
  },
}

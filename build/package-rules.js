// What must hold of a package's contents. Each rule answers sentences about what is wrong; none means all is well.

/** Never in an archive: sources, maps, tests, training, settings of tools. */
const unwanted = [
  /\.map$/,
  /\.(ts|mts|cts|svelte|md|markdown|gyp|gypi|py|cc|cpp|hpp)$/,
  /(^|\/)(tests?|__tests__|coverage|training|bench|\.github|\.ci)\//,
  /(^|\/)(tsconfig[^/]*\.json|\.eslintrc[^/]*|vite\.config\.[^/]*|eslint\.config\.[^/]*)$/,
  /^(src|bin|build|docs|models)\//,
  /\.onnx$/,
]
const required = [
  'package.json',
  'out/app/main/main.js',
  'out/app/main/core.js',
  'out/app/main/utility-worker.js',
  'out/app/main/worker.js',
  'out/app/preload/index.cjs',
  'out/app/renderer/index.html',
]

/** @param {readonly string[]} files of the archive, with forward slashes, unpacked ones included */
export function archiveFaults(files, productionPackages) {
  const present = new Set(files)
  const packages = new Set(files.map(topPackage).filter((name) => name !== undefined))
  return [
    ...files
      .filter((file) => unwanted.some((pattern) => pattern.test(file)))
      .map((file) => `the archive holds ${file}`),
    ...required.filter((file) => !present.has(file)).map((file) => `the archive lacks ${file}`),
    ...[...packages]
      .filter((name) => !productionPackages.has(name))
      .map((name) => `the archive holds the development package ${name}`),
  ]
}

/** `@img/sharp-linux-x64` of `node_modules/@img/sharp-linux-x64/lib/x.node`. */
function topPackage(file) {
  return /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]
}

/** Names of the packages that the lock file installs without development, nested ones too. */
export function productionPackages(lock) {
  const names = Object.entries(lock.packages)
    .filter(([path, entry]) => path.startsWith('node_modules/') && entry.dev !== true)
    .map(([path]) => /node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1])
  return new Set(names)
}

/** Native libraries: all outside the archive, and none of another system. */
export function nativeFaults(unpacked, packed, { system, arch }) {
  const others = ['darwin', 'win32', 'linux'].filter((name) => name !== system)
  const otherArch = arch === 'x64' ? 'arm64' : 'x64'
  const foreign = new RegExp(
    `(^|[/.-])(${others.join('|')}|linuxmusl)([/-])|napi-v6/${system}/${otherArch}/|${system}-${otherArch}`,
  )
  const isNative = (file) => /\.(node|dll|dylib)$|\.so(\.\d+)*$/.test(file)
  const has = (pattern) => unpacked.some((file) => pattern.test(file))
  const wanted = [
    [
      /onnxruntime-node\/bin\/napi-v6\/[^/]+\/[^/]+\/onnxruntime_binding\.node$/,
      'the ONNX binding',
    ],
    [/onnxruntime-node\/bin\/napi-v6\/.*(libonnxruntime|onnxruntime\.dll)/, 'the ONNX runtime'],
    [/better-sqlite3\/.*\.node$/, 'SQLite'],
    [/@img\/sharp-[^/]+\/.*\.node$/, 'sharp'],
    [/@img\/.*(libvips|\.dll)/, 'libvips'],
  ]
  return [
    ...packed.filter(isNative).map((file) => `${file} lies inside the archive`),
    ...unpacked.filter((file) => foreign.test(file)).map((file) => `${file} is for another system`),
    ...wanted.filter(([pattern]) => !has(pattern)).map(([, name]) => `${name} is not unpacked`),
  ]
}

/** What a page of ours may not hold, since its policy would refuse it. */
export function pageFaults(name, text) {
  const faults = []
  if (/sourceMappingURL=/.test(text)) faults.push(`${name} names a source map`)
  if (name.endsWith('.html')) {
    if (/<script(?![^>]*\ssrc=)[^>]*>/i.test(text)) faults.push(`${name} has an inline script`)
    if (/<style|\sstyle=/i.test(text)) faults.push(`${name} has inline styles`)
    if (/\son\w+=/i.test(text)) faults.push(`${name} has an inline event handler`)
  }
  if (name.endsWith('.css') && /url\(\s*['"]?(data:|https?:)/i.test(text)) {
    faults.push(`${name} refers to data or the network`)
  }
  return faults
}

/** A sandboxed preload can load nothing but Electron's own module. */
export function preloadFaults(text) {
  return [...text.matchAll(/\brequire\(["'`]([^"'`]+)["'`]\)/g)]
    .map(([, name]) => name)
    .filter((name) => name !== 'electron')
    .map((name) => `the preload requires ${name}`)
}

const ON = 0x31
const OFF = 0x30

/** @param {Buffer} binary @param {Record<string, boolean>} fuses in the order of the wire */
export function fuseFaults(binary, fuses, sentinel) {
  const at = binary.indexOf(sentinel, 0, 'latin1')
  if (at < 0) return ['the executable has no fuse wire']
  const version = binary[at + sentinel.length]
  const count = binary[at + sentinel.length + 1]
  const names = Object.keys(fuses)
  if (version !== 1 || count < names.length) return [`unknown fuse wire (${version}, ${count})`]
  return names.flatMap((name, k) => {
    const state = binary[at + sentinel.length + 2 + k]
    const wanted = fuses[name] ? ON : OFF
    return state === wanted ? [] : [`the fuse ${name} is not ${fuses[name] ? 'on' : 'off'}`]
  })
}

/** Only the newest three majors of Electron get security fixes. */
export function electronAdvice(ours, newest) {
  const behind = newest - ours
  if (behind >= 3) {
    return { level: 'error', text: `Electron ${ours} is no longer supported: update to ${newest}` }
  }
  if (behind === 2) {
    return {
      level: 'warning',
      text: `Electron ${ours} is the oldest supported major: plan the update`,
    }
  }
  return { level: 'ok', text: '' }
}

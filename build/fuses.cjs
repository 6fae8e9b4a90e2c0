// The fuses of the packaged Electron, in the order of its wire: what the app does not use cannot be switched on again
// from outside. The configuration of electron-builder and the check of what it made both read them here.

/** Playwright drives Electron through the inspector; only packages that are made for that test have it. */
const isForSmokeTest = process.env.PATCHWARDEN_SMOKE_TEST === '1'

module.exports = {
  fuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: isForSmokeTest,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  },
}

import type { Session } from 'electron'
import { isOwnPage } from './origin'

/** All that a page is ever allowed, and only as the top frame of our own origin: writing text to the clipboard. */
const allowed = new Set(['clipboard-sanitized-write'])

/** Denies every permission, device and capture except those named above. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    callback(allowed.has(permission) && details.isMainFrame && isOwnPage(details.requestingUrl))
  })
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin, details) => {
    return allowed.has(permission) && details.isMainFrame && isOwnPage(requestingOrigin)
  })
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, callback) => {
    callback(null)
  })
  session.setBluetoothPairingHandler((_details, callback) => {
    callback({ confirmed: false })
  })
  session.setUSBProtectedClassesHandler(() => [])
  for (const event of ['select-hid-device', 'select-serial-port', 'select-usb-device'] as const) {
    // The overloads of `on` do not take a union of names.
    ;(session as NodeJS.EventEmitter).on(event, (...args: unknown[]) => {
      const answer = args.at(-1)
      if (typeof answer === 'function') (answer as (choice: string) => void)('')
    })
  }
}

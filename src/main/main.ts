import { app } from 'electron'
import { DesktopApp } from './desktop-app'
import { appPaths } from './paths'
import { registerSchemes } from './protocols'
import { pathsOf, takeSingleInstance } from './single-instance'

// The first program of the desktop app. Whatever must happen before the app is ready happens here, in this order.

app.setName('Patchwarden')
registerSchemes()
// Pages are always sandboxed, also one that would forget to say so.
app.enableSandbox()

let desktop: DesktopApp | undefined
let namedEarly: readonly string[] = pathsOf(process.argv, process.cwd(), app.isPackaged)
const isFirst = takeSingleInstance((paths) => {
  if (desktop) void desktop.offer(paths)
  else namedEarly = [...namedEarly, ...paths]
})

if (isFirst) {
  void app.whenReady().then(run)
} else {
  app.quit()
}

function run(): void {
  desktop = new DesktopApp(appPaths(), {
    loadUpdater: async () => (await import('electron-updater')).default.autoUpdater,
  })
  const running = desktop
  running.start()
  if (namedEarly.length > 0) void running.offer(namedEarly)
  app.on('activate', () => {
    running.showWindow()
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })

  let hasStopped = false
  app.on('will-quit', (event) => {
    if (hasStopped) return
    event.preventDefault()
    void running.stop().then(() => {
      hasStopped = true
      app.quit()
    })
  })
}

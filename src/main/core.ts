import { z } from 'zod'
import { locationsOf, userSettingsFile } from '../engine/user-folders'
import { createService } from '../service/create-service'
import { serveOverPort } from '../service/message-port'
import { runCore } from './core-process'

// The program of the desktop's core: the same service that `patchwarden serve` offers, over message ports.

const { packageRoot } = z
  .strictObject({ packageRoot: z.string() })
  .parse(JSON.parse(process.argv.at(-1) ?? ''))

void runCore(process.parentPort, async () => {
  const service = await createService({
    locations: locationsOf(packageRoot),
    settingsFile: userSettingsFile(),
    reopensLast: process.env['PATCHWARDEN_PROJECT'] === undefined,
  })
  return {
    connect: (port) => {
      serveOverPort(service, port)
    },
    addGrant: (grant) => {
      service.takeGrant(grant)
    },
    media: (path, signal) => service.media(path, signal),
    onRecent: (listener) => {
      const tell = (): void => {
        const { key } = service.context
        const others = service.recentProjects().filter(({ id, isThere }) => isThere && id !== key)
        listener(others.map(({ id, name }) => ({ id, name })))
      }
      tell()
      service.subscribe('project', tell)
    },
    stop: () => service.close(),
  }
})

import { fakeElectron } from './state'
import type { FakeFrame, FakeWebContents } from './web-contents'

export const ipcMain = {
  handle(channel: string, handler: (event: unknown, ...args: unknown[]) => unknown): void {
    if (fakeElectron.ipcHandlers.has(channel)) {
      throw new Error(`Attempted to register a second handler for '${channel}'`)
    }
    fakeElectron.ipcHandlers.set(channel, handler)
  },
}

/** A request as it arrives from `frame` of `sender`: payloads are cloned, errors lose their class and fields. */
export async function invokeFrom(
  sender: FakeWebContents,
  frame: FakeFrame | null,
  channel: string,
  ...payload: unknown[]
): Promise<unknown> {
  const handler = fakeElectron.ipcHandlers.get(channel)
  if (!handler) throw new Error(`No handler registered for '${channel}'`)
  try {
    const args = payload.map((value) => structuredClone(value))
    return structuredClone(await handler({ sender, senderFrame: frame }, ...args))
  } catch (error) {
    throw new Error(`Error invoking remote method '${channel}': ${String(error)}`, { cause: error })
  }
}

export const ipcRenderer = {
  invoke(channel: string, ...payload: unknown[]): Promise<unknown> {
    const contents = fakeElectron.contents[0]
    if (!contents) throw new Error('there is no page')
    return invokeFrom(contents, contents.mainFrame, channel, ...payload)
  },
  on(channel: string, listener: (...args: unknown[]) => void): void {
    fakeElectron.renderer.ipc.on(channel, listener)
  },
  off(channel: string, listener: (...args: unknown[]) => void): void {
    fakeElectron.renderer.ipc.off(channel, listener)
  },
}

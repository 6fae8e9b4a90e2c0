import { ipcMain, type IpcMainInvokeEvent, type WebContents } from 'electron'
import { toErrorRecord } from '../shared/errors'
import { requests, type Answer, type RequestChannel, type RequestPayload } from '../shared/desktop'
import { requestRefused } from './desktop-errors'
import type { Log } from './log'
import { isOwnPage } from './origin'

export type Handlers = {
  readonly [C in RequestChannel]: (payload: RequestPayload<C>, event: IpcMainInvokeEvent) => unknown
}

/**
 * Answers the page's requests. Each must come from the top frame of a window of ours, on our origin, with exactly one
 * payload that its schema knows. Faults come back as records: Electron carries no error classes.
 */
export function answerRequests(
  handlers: Handlers,
  isOwnWindow: (contents: WebContents) => boolean,
  log: Log,
): void {
  // The keys of `requests` are its channels.
  for (const channel of Object.keys(requests) as RequestChannel[]) {
    ipcMain.handle(channel, async (event, ...payload: unknown[]): Promise<Answer<unknown>> => {
      const parsed = requests[channel].safeParse(payload[0])
      if (!isTrusted(event, isOwnWindow) || payload.length > 1 || !parsed.success) {
        log(`request refused: ${channel}`)
        return { ok: false, error: toErrorRecord(requestRefused(channel)) }
      }
      try {
        // The payload has just been parsed by this channel's schema.
        const handle = handlers[channel] as (payload: unknown) => unknown
        return { ok: true, value: (await handle(parsed.data)) ?? null }
      } catch (error) {
        return { ok: false, error: toErrorRecord(error) }
      }
    })
  }
}

/** Logs what comes in without a request of ours: pages have no means to send it, so something is wrong. */
export function dropOtherMessages(contents: WebContents, log: Log): void {
  contents.on('ipc-message', (_event, channel) => {
    log(`message dropped: ${channel.slice(0, 60)}`)
  })
  contents.on('ipc-message-sync', (event, channel) => {
    // Without an answer the page would hang.
    event.returnValue = null
    log(`message dropped: ${channel.slice(0, 60)}`)
  })
}

function isTrusted(
  { sender, senderFrame }: IpcMainInvokeEvent,
  isOwnWindow: (contents: WebContents) => boolean,
): boolean {
  // A frame that navigated or closed in the meantime is null.
  return (
    senderFrame !== null &&
    isOwnWindow(sender) &&
    senderFrame === sender.mainFrame &&
    isOwnPage(senderFrame.url)
  )
}

import { toErrorRecord } from '../../shared/errors'
import { decodeImageBytes } from '../images/decode-image'
import type { FromVerifier, ToVerifier } from './verify-messages'

// The program of a process that decodes pictures from strangers to see whether it can be done. Decoders work outside this
// thread, so it can watch the memory that they take.

const WATCH_MS = 25

let maxBytes = Infinity

process.on('message', (message) => {
  void receive(message as ToVerifier) // written by the verifier of the same build
})
process.on('SIGINT', () => undefined) // the parent decides when this ends
process.on('disconnect', () => process.exit(0))
setInterval(() => {
  if (process.memoryUsage.rss() <= maxBytes) return
  // The reason goes out first; exiting at once would lose it.
  process.send?.({ type: 'memory' } satisfies FromVerifier, () => process.exit(1))
}, WATCH_MS)
send({ type: 'ready' })

async function receive({ bytes, name, limits }: ToVerifier): Promise<void> {
  maxBytes = limits.memoryBytes
  try {
    const { warnings } = await decodeImageBytes(bytes, name, {
      maxPixels: limits.maxPixels,
      timeoutSeconds: limits.seconds,
    })
    send({ type: 'sound', warnings })
  } catch (error) {
    send({ type: 'fault', error: toErrorRecord(error) })
  }
}

function send(message: FromVerifier): void {
  process.send?.(message, undefined, {}, () => undefined)
}

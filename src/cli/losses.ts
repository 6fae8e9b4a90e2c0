import type { Loss } from '../shared/dataset'
import { oneLine } from './report-error'

/** Says what a format cannot hold, before anything is written. */
export function tellLosses(losses: readonly Loss[]): void {
  for (const { what, message, count } of losses) {
    process.stderr.write(`not in this format: ${oneLine(message)} (${count} x ${what})\n`)
  }
}

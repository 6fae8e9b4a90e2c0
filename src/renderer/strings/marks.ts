import type { ImageCard } from '../../shared/api'
import { plural } from './ui'

/** "2 patches, 2 gained, 1 lost, certified, accepted": the marks of a picture, always in this order. */
export function marksInWords(marks: ImageCard['marks']): string {
  const words: string[] = []
  if (marks.failed) words.push(`failed: ${marks.failed.message}`)
  if (marks.patches > 0) words.push(plural(marks.patches, 'patch', 'patches'))
  if (marks.changes) {
    const { gained, lost, moved, relabelled } = marks.changes
    for (const [count, word] of [
      [gained, 'gained'],
      [lost, 'lost'],
      [moved, 'moved'],
      [relabelled, 'relabelled'],
    ] as const) {
      if (count > 0) words.push(`${count} ${word}`)
    }
    if (gained + lost + moved + relabelled === 0) words.push('boxes unchanged')
  }
  if (marks.certified === true) words.push('certified')
  if (marks.certified === false) words.push('nothing certified')
  if (marks.accepted) words.push('mask accepted')
  else if (marks.proposals > 0) words.push(`${plural(marks.proposals, 'proposal')} to review`)
  return words.join(', ')
}

import type { Project } from '../../store'

/** Another text once annotations may have changed: where imports and the history stand. What was undone is not there. */
export const annotationsNow = ({ datasets, undoLog }: Project): string =>
  [datasets.newestImport(), undoLog.next('undo')?.id ?? 0, undoLog.next('redo')?.id ?? 0].join(' ')

import { formatCount, formatTimeLeft, plural } from './ui'

/** Words of the Runs screen. */
export const runsText = {
  title: 'Runs',
  layer: 'A run is a layer: it never overwrites another.',
  newRun: 'New run',
  table: 'Runs',
  columns: {
    layer: 'Compared as',
    name: 'Run',
    detector: 'Detector',
    defense: 'Defense',
    images: 'Pictures',
    state: 'State',
    ms: 'ms a picture',
    changed: 'Changed',
  },
  none: 'none',
  noDetector: 'imported',
  as: (letter: string) => `Compare as ${letter}`,
  notCompared: (name: string) => `${name}: not compared`,
  comparedAs: (letter: string, name: string) => `${name}: compared as ${letter}`,
  pause: 'Pause',
  resume: 'Resume',
  stop: 'Stop',
  show: 'Show',
  rename: 'Rename…',
  remove: 'Delete…',
  more: (name: string) => `More for ${name}`,
  done: 'Done',
  stopping: 'Stopping after this picture',
  stopped: 'stopped',
  paused: 'paused',
  interrupted: 'interrupted',
  waits: 'Waits for its turn',
  failedRun: 'Failed',
  of: (done: number, total: number) => `${formatCount(done)} of ${formatCount(total)}`,
  left: (ms: number) => `${formatTimeLeft(ms / 1000)} left`,
  failed: (count: number) => `${formatCount(count)} failed`,
  doneCount: (count: number) => `${formatCount(count)} done`,

  empty: 'No run yet',
  emptyText: 'Choose a detector and a defense, then Start.',
  noPictures: 'No pictures yet',
  noPicturesText: 'A run needs pictures: drop files or a folder here.',

  compare: 'A and B, side by side',
  differ: (changed: number, images: number) =>
    `${formatCount(changed)} of ${plural(images, 'picture')} differ`,
  comparedOn: (images: number) => `Compared on the ${plural(images, 'picture')} that both have.`,
  same: 'A and B answer the same for every picture.',
  chooseBoth: 'Choose two runs: A and B.',
  chooseBothText: 'Click an empty square in the table, or type A or B on a row.',
  openInLibrary: 'Open in Library',
  gained: (count: number) => `+${formatCount(count)} gained`,
  lost: (count: number) => `−${formatCount(count)} lost`,
  moved: (count: number) => `→${formatCount(count)} moved`,
  relabelled: (count: number) => `⇄${formatCount(count)} relabelled`,
  changeOf: (name: string, change: string, parts: string) => `${name}, change ${change}, ${parts}`,
  compareGrid: 'Pictures where A and B differ, most changed first',

  form: {
    images: 'Pictures',
    dataset: (name: string, images: number) => `${name} · ${formatCount(images)}`,
    detector: 'Detector',
    defense: 'Defense',
    noDefense: 'No defense',
    parameters: 'Parameters',
    differ: (count: number) =>
      count === 0 ? 'all at their defaults' : `${plural(count, 'value')} differ from default`,
    score: 'Score from',
    scoreHelp: 'Boxes below are not kept. Empty: as the model’s card says.',
    scoreFault: 'Type a number from 0 to 1.',
    name: 'Name',
    nameHelp: 'May stay empty.',
    also: 'Also',
    bare: 'Run without defense, to compare',
    about: 'About',
    unknownTime: 'not known yet',
    toDo: (count: number) => `${formatCount(count)} to do`,
    known: (count: number) => `${formatCount(count)} known already`,
    sameRun: (known: number) => `This run exists. Its ${plural(known, 'result')} are reused.`,
    start: 'Start',
    noDetector: 'No detector is on this machine. Get one in Models.',
    nothing: 'There is no picture to run on.',
    classes: (count: number) => plural(count, 'class', 'classes'),
  },
  started: (name: string) => `${name} has started.`,

  failedTitle: (count: number, name: string) => `${plural(count, 'picture')} of ${name} failed`,
  retry: 'Try these again',
  failedNone: 'Nothing has failed.',
  removeTitle: (name: string) => `Delete ${name}?`,
  removeText: 'Deletes the results of this run, not your annotations.',
  removeNow: 'Delete the run',
  keep: 'Keep it',
  renameTitle: 'Rename the run',
  renameNow: 'Rename',
}

/** "2 min ago", "yesterday": how long since, in the largest unit that fits. */
export function timeAgo(thenMs: number, nowMs: number): string {
  const seconds = Math.max(0, (nowMs - thenMs) / 1000)
  if (seconds < 45) return 'just now'
  if (seconds < 5400) return `${Math.max(1, Math.round(seconds / 60))} min ago`
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`
  return `${plural(Math.round(seconds / 86_400), 'day')} ago`
}

import type { Output } from '../../shared/api'
import { formatCount, plural } from './ui'

export const importText = {
  region: 'Add pictures',
  looking: 'Looking at what was dropped',
  sending: (done: number, all: number) => `${formatCount(done)} of ${formatCount(all)} files read`,
  tooMany: (most: number) => ({
    code: 'E_TOO_MANY_FILES',
    message: `These are more than ${formatCount(most)} files, which is too much to send through a browser.`,
    hint: 'Use the desktop app, or start the service with the folder granted: patchwarden serve --grant FOLDER.',
  }),
  refused: (names: readonly string[]) =>
    `${plural(names.length, 'file')} could not be sent: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}`,
  title: (preview: Pick<Output<'import.preview'>, 'images' | 'isComplete'>) =>
    `Add ${preview.isComplete ? '' : 'at least '}${plural(preview.images, 'picture')}`,
  to: 'Add to',
  newDataset: 'A new data set',
  as: 'As data set',
  format: 'Recognised as',
  otherFormats: 'Another format',
  add: (images: number) => `Add ${plural(images, 'picture')}`,
  nothing: 'There is no picture here that could be added.',
  leftOut: (count: number) =>
    `${plural(count, 'entry', 'entries')} ${count === 1 ? 'is' : 'are'} left out or changed.`,
  classes: (names: readonly string[]) =>
    `${plural(names.length, 'class', 'classes')}: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' …' : ''}`,
  splits: (splits: readonly { name: string; images: number }[]) =>
    splits.map(({ name, images }) => `${name} ${formatCount(images)}`).join(' · '),
  importing: 'Adding pictures',
  stop: 'Stop',
  doneTitle: (images: number) => `${plural(images, 'picture')} added`,
  stoppedTitle: 'The import was stopped. Nothing was added.',
  counts: (objects: number, patches: number) =>
    [
      ...(objects > 0 ? [plural(objects, 'box', 'boxes')] : []),
      ...(patches > 0 ? [plural(patches, 'patch', 'patches')] : []),
    ].join(', '),
  skipped: (count: number) =>
    count === 0 ? 'Nothing was left out.' : `${plural(count, 'entry', 'entries')} left out.`,
  thereAlready: (images: number) =>
    `${plural(images, 'picture was', 'pictures were')} there already.`,
  copyList: 'Copy the list',
  look: 'Look at them',
  failedTitle: 'This could not be added',
  chooseOther: 'Choose a folder…',
  dropHere: (dataset: string | null) =>
    dataset === null
      ? 'Add what you drop as a new data set'
      : `Add to ${dataset} · hold Alt for a new data set`,
}

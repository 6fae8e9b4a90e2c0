import type { FacetChoice, OrderName } from '../screens/library/facet-choice'
import { formatCount, formatTimeLeft, plural } from './ui'

export const library = {
  left: 'Data sets and filters',
  grid: 'Pictures',
  datasets: 'Data sets',
  allImages: 'All images',
  add: 'Add files or folders',
  addFolder: 'Add a folder…',
  addFiles: 'Add files…',
  addSample: 'Add the sample scenes',
  adding: 'adding',
  datasetMenu: (name: string) => `More about ${name}`,
  rename: 'Rename…',
  renameTitle: 'Rename the data set',
  name: 'Name',
  report: 'What the import said',
  reportEmpty: 'The import left nothing out and changed nothing.',
  remove: 'Remove from the project…',
  removeTitle: (name: string) => `Remove ${name} from the project?`,
  removeText: (images: number) =>
    `${plural(images, 'picture')} leave the project with their annotations and results. The files stay where they are. This cannot be undone.`,
  removeDo: 'Remove the data set',
  happened: 'What happened',
  pairDetail: 'A → B',
  change: 'Change',
  class: 'Class',
  rung: 'Completion rung',
  split: 'Split',
  label: 'Label of the picture',
  tag: 'Tags',
  status: 'Review',
  file: 'Files',
  search: 'Search pictures',
  searchHint: 'Name, class, tag or score<0.5',
  suggestions: 'Suggestions',
  clear: 'Clear',
  clearFilters: 'Clear filters',
  counting: 'counting',
  of: (total: number) => `of ${formatCount(total)}`,
  pictures: (count: number) => plural(count, 'picture'),
  pictureWord: (count: number) => (count === 1 ? 'picture' : 'pictures'),
  order: 'Order',
  size: 'Size of the pictures',
  run: 'Run…',
  runDefense: 'Run defense',
  accept: 'Accept masks',
  tagDo: 'Tag',
  tagName: 'Tag of the selected pictures',
  tagAdd: 'Add tag',
  tagRemove: 'Take tag off',
  export: 'Export',
  removeImages: 'Remove',
  clearSelection: 'Clear selection',
  selected: (count: number) => `${formatCount(count)} selected`,
  empty: 'No pictures yet',
  emptyText: 'Drop files or a folder here.',
  choose: 'Choose a folder…',
  noMatch: (filters: number) =>
    filters === 1
      ? 'No picture matches this filter.'
      : `No picture matches these ${filters} filters.`,
  noneInSet: 'This data set has no picture.',
  failed: 'The list could not be read',
  listChanged: 'The list has changed',
  update: 'Update',
  noThumbnail: 'No preview',
  missing: 'Not at its place',
  cellLoading: 'Loading',
  position: (at: number, total: number) => `${formatCount(at)} of ${formatCount(total)}`,
  accepted: (patches: number, images: number) =>
    patches === 0
      ? 'There was no proposed mask to accept.'
      : `${plural(patches, 'mask')} of ${plural(images, 'picture')} accepted`,
  removed: (images: number) =>
    `${plural(images, 'picture')} removed from the project. The files stay where they are.`,
  tagged: (images: number, tag: string) => `${plural(images, 'picture')} tagged “${tag}”`,
  untagged: (images: number, tag: string) => `Tag “${tag}” taken off ${plural(images, 'picture')}`,
  undo: 'Undo',
  offer: (images: number) =>
    `Run the defense on ${images === 1 ? 'this picture' : `these ${formatCount(images)} pictures`}?`,
  offerDetail: (detector: string, defense: string, ms: number | null) =>
    [detector, defense, ...(ms === null ? [] : [`about ${formatTimeLeft(ms / 1000)}`])].join(', '),
  offerDo: 'Run',
  offerLater: 'Not now',
  runStarted: 'The run has started. The pictures that change come first when it is done.',
  runDone: (changed: number) =>
    changed === 0
      ? 'The run is done. No box changed.'
      : `The run is done. ${plural(changed, 'picture')} changed.`,
  hintOpen: 'opens the picture',
  selectedWords: (count: number) => plural(count, 'selected picture'),
  filterWords: (count: number) => `${plural(count, 'picture')} of this list`,
  nothingSelected: 'no picture is selected',
  noPictures: 'there are no pictures',
}

const orderWords: Readonly<Record<OrderName, string>> = {
  imported: 'First added',
  newest: 'Last added',
  name: 'Name',
  change: 'Most changed',
  score: 'Least sure',
}
export const orderLabel = (order: OrderName): string => orderWords[order]

export const rungWords: Readonly<Record<string, string>> = {
  '0': '0 · tight',
  '1': '1',
  '2': '2 to 5',
  '6': '6 and more',
}

export const happenedWords: Readonly<Record<string, string>> = {
  patch: 'Patch found',
  changed: 'Boxes changed',
  certified: 'Certified',
  accepted: 'Mask accepted',
  failed: 'Failed',
}

export const fileWords: Readonly<Record<string, string>> = {
  unknown: 'Not looked at yet',
  present: 'At their place',
  missing: 'Not at their place',
  changed: 'Changed on disk',
}

export const statusWords: Readonly<Record<string, string>> = {
  open: 'To do',
  reviewed: 'Reviewed',
  excluded: 'Removed',
}

/** A chip for everything that is chosen, with the choice that remains without it. */
export function choiceChips(choice: FacetChoice): { label: string; without: FacetChoice }[] {
  const chips: { label: string; without: FacetChoice }[] = []
  const add = (
    key: Exclude<keyof FacetChoice, 'change'>,
    words?: Readonly<Record<string, string>>,
  ) => {
    for (const value of choice[key]) {
      chips.push({
        label: words?.[value] ?? value,
        without: { ...choice, [key]: choice[key].filter((other) => other !== value) },
      })
    }
  }
  add('happened', happenedWords)
  if (choice.change !== null) {
    const [low, high] = choice.change
    chips.push({
      label: `Change ${low.toFixed(2)} to ${high.toFixed(2)}`,
      without: { ...choice, change: null },
    })
  }
  add('class')
  add(
    'rung',
    Object.fromEntries(Object.entries(rungWords).map(([key, word]) => [key, `Rung ${word}`])),
  )
  add('split')
  add('label')
  add('tag')
  add('status', statusWords)
  add('file', fileWords)
  return chips
}

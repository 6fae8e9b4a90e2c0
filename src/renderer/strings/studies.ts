import { formatCount, plural } from './ui'

const percent = (share: number | null): string =>
  share === null ? '–' : `${(100 * share).toFixed(1)}\u2009%`

/** Words of the studies, a part of Results. */
export const studiesText = {
  list: 'Studies',
  new: 'New study',
  kinds: { d3s: 'D3S', 'om-imagenet': 'OM-ImageNet' },
  about: {
    d3s: 'How often a classifier is right when the background of an object is not its usual one.',
    'om-imagenet': 'Whether a classifier answers a picture and its projection alike.',
  },
  kind: 'Kind of study',
  dataset: 'Data set',
  noDataset: 'Choose a data set',
  folder: 'Another folder…',
  chosenFolder: 'The chosen folder',
  needs: (format: string) => `No data set of the project was imported as ${format}.`,
  model: 'Model',
  noModel: 'None: probes alone',
  limit: 'Most pictures',
  limitHelp: 'Spread evenly; empty for all',
  limitFault: 'A whole number from 1 to 1,000,000',
  classes: 'Classes that the model calls otherwise',
  classesHelp: 'Such as tabby=cat, car=automobile',
  classesFault: 'Pairs such as tabby=cat, with commas between them',
  start: 'Start the study',
  running: 'The study goes on',
  stop: 'Stop',
  remove: 'Remove this study',
  states: {
    queued: 'queued',
    running: 'running',
    paused: 'paused',
    cancelled: 'stopped',
    interrupted: 'cut off',
    failed: 'failed',
    done: 'done',
  } as Readonly<Record<string, string>>,
  empty: 'No study yet',
  emptyText:
    'A study asks a model about a published data set. Choose the data set and a model, then Start.',
  noResult: 'This study has no answer: it was stopped, or it failed.',
  failed: (count: number) =>
    `${plural(count, 'picture')} could not be read and ${count === 1 ? 'is' : 'are'} left out.`,
  readings: 'How the papers were read',
  percent,
  columns: { name: '', right: 'Right', of: 'Of', accuracy: 'Accuracy' },
  pictures: 'Pictures',
  all: 'All',
  verified: 'Verified by people',
  rejected: 'Rejected by people',
  background: 'Background',
  gap: 'Usual and unusual backgrounds',
  usual: 'Usual background',
  unusual: 'Unusual background',
  gapNote: (difference: number | null, classes: number, mean: number | null) =>
    difference === null
      ? 'One side has no pictures.'
      : `Difference ${(100 * difference).toFixed(1)} points${
          mean === null
            ? ''
            : `; mean over ${plural(classes, 'class', 'classes')} ${(100 * mean).toFixed(1)} points`
        }.`,
  shift: 'Kind of shift',
  worst: 'Hardest background of each class',
  before: (className: string, background: string) => `${className}, ${background}`,
  class: 'Class',
  onManifold: 'Projections',
  natural: 'Natural pictures',
  agreement: 'Agreement of pairs',
  agreeing: 'Same answer',
  bothRight: 'Both right',
  onlyNatural: 'Only the natural picture right',
  onlyProjection: 'Only the projection right',
  bothWrong: 'Both wrong',
  pairsNote: (unpaired: number, p: number) =>
    `Exact sign test p = ${p < 0.001 ? p.toExponential(1) : p.toFixed(3)}${
      unpaired === 0 ? '' : `; ${formatCount(unpaired)} without a partner`
    }.`,
  latents: 'Nearest class mean of the latents',
  latentsNote: (training: number, classes: number) =>
    `${plural(training, 'training latent')} of ${plural(classes, 'class', 'classes')}.`,
  probes: 'Probes on frozen features',
  probesNote: (training: number, heldOut: number) =>
    `Learnt on ${plural(training, 'picture')}, tried on ${formatCount(heldOut)}.`,
  foregroundApart: 'Object, learnt alone',
  backgroundApart: 'Background, learnt alone',
  foregroundPenalized: 'Object, kept from the background',
  backgroundPenalized: 'Background, from those features',
  withoutClass: (count: number) =>
    `${plural(count, 'picture')} of classes that the model lacks ${count === 1 ? 'is' : 'are'} left out.`,
  mapped: (mapped: number, missing: number) =>
    `${plural(mapped, 'class', 'classes')} joined by name; the model lacks ${formatCount(missing)}.`,
  asked: (model: string | null, folder: string) =>
    model === null ? folder : `${model} · ${folder}`,
}

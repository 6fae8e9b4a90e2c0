import { formatCount, plural } from './ui'

const thin = '\u2009'
const px = (size: number): string => `${formatCount(size)}${thin}px`

/** Words about certificates, wherever they appear. */
export const certificateText = {
  kind: 'What the run does',
  kinds: { detect: 'Defend', certify: 'Certify' },
  title: 'Certify',
  method: 'Method',
  exact: 'exact',
  sampled: 'sampled',
  classifier: 'Classifier',
  detector: 'Detector',
  noModel: 'No model on this machine fits this method. Get one in Models.',
  notThis: (name: string) => `${name}: does not fit`,
  pictures: 'Pictures',
  thisPicture: 'this picture',
  what: 'What is certified',
  boxesOf: (name: string) => `Boxes of ${name}`,
  whole: 'Whole pictures',
  objects: 'Annotated objects of the pictures',
  patch: 'Against a patch of',
  patchHelp:
    'Such as 24, 64x32 or 2%. Empty: the largest that can be proven, with a map. Answering one size is faster.',
  patchHelpObjects: 'Such as 64, 64x32 or 2%. Empty: 2 % of the picture or box.',
  radius: (unit: string) => `Against changes of (${unit})`,
  radiusHelp: 'Empty: the largest that can be proven.',
  radiusFault: 'Type a number above 0.',
  untrained:
    'This model was not trained for this method: what is proven holds, and will be little.',
  toDo: (count: number) => `${plural(count, 'picture')} to do`,
  subjects: {
    boxes: (count: number) => plural(count, 'box', 'boxes'),
    objects: (count: number) => plural(count, 'object'),
    pictures: (count: number) => plural(count, 'picture'),
  },
  sameRun: (known: number) =>
    `This run exists. Its ${plural(known, 'picture')} are not done again.`,
  certifies: (method: string) => `certifies: ${method}`,

  certifyBoxes: 'Certify these boxes…',
  certifyPicture: 'Certify this picture…',
  proveAgain: 'Prove it again…',
  running: 'Certifying this picture',
  runningOf: (share: number) => `Certifying this picture, ${Math.round(100 * share)} %`,
  which: 'Which certificate',
  whichOf: (method: string, about: string, run: string) => `${method} · ${about} · ${run}`,
  wholePicture: 'whole picture',
  ofBox: (name: string) => name,

  map: 'Where a patch could change it',
  mapSize: 'Size of the patch',
  mapLabel: (size: number, axis: 'x' | 'y') =>
    `${px(size)} ${axis === 'x' ? 'wide, any height' : 'high, any width'}`,
  mapNowhere: (size: number) => `Nowhere: a patch of ${px(size)} cannot change the class.`,
  mapEverywhere: (size: number) => `A patch of ${px(size)} could change the class at every place.`,
  mapSome: (open: number, places: number) =>
    `It could at ${formatCount(open)} of ${plural(places, 'place')}: cross-hatched in the picture.`,
  mapAlt: (size: number, open: number, places: number) =>
    `Places of a patch of ${px(size)}: ${formatCount(open)} of ${formatCount(places)} could change the class`,
  stripKey: { safe: 'could not', open: 'could' },
  showMap: 'Show the map',
  hideMap: 'Hide the map',
  noSizes: 'This certificate was made by an earlier version and knows the map of one size alone.',

  why: 'Why no more',
  whyVote: (first: string, n1: number, second: string, n2: number, total: number) =>
    `The vote was ${n1} for ${first} to ${n2} for ${second}, of ${total}.`,
  whyCut: (counted: number, total: number) =>
    `It ended after ${counted} of ${total} votes, when the answer was certain.`,
  noOther: 'any other',
  whyNeed: (size: number, touched: number, need: number, lead: number) =>
    lead >= need
      ? `A patch of ${px(size)} can turn ${touched} votes and takes a lead of ${need}; the lead is ${lead}.`
      : `A patch of ${px(size)} can turn ${touched} votes, so it takes a lead of ${need}, and the lead is ${lead}.`,
  whyHolds: (size: number) =>
    size === 0
      ? 'With this vote no size can be proven.'
      : `With this vote up to ${px(size)} can be proven.`,
  whyShare: (lower: number, needed: number, alpha: number) =>
    `At least ${percent(lower, Math.floor)} of samples vote for the class, with ${percent(1 - alpha, Math.floor)} confidence; it takes more than ${percent(needed, Math.ceil)}.`,
  whyRadius: (size: string) => `What is proven ends at ${size}.`,
  limits: 'Small changes everywhere',
  limitsText: (width: number, height: number, channels: number) =>
    `For a picture of ${width} × ${height} × ${channels} values, no method of smoothing with independent noise can prove more than this, whatever the model and however clear the vote:`,
  limitsNorm: 'Norm',
  limitsMost: 'Any noise',
  limitsGaussian: 'Gaussian noise',
  grey: 'Radii in grey levels',
  limitsNoise: (sigma: number, samples: number) =>
    `Noise ${Number(sigma.toPrecision(3))} of the range, ${formatCount(samples)} samples.`,
  seen: {
    far: 'far from it',
    near: 'beside it',
    over: 'touching it',
    anywhere: 'anywhere',
  },
  whyObjects:
    'The detector has to see the object while a part of the picture is hidden. The largest square patch that leaves such a part:',
  notSeen: 'none',

  curve: {
    accuracy: 'Certified accuracy',
    recall: 'Certified recall',
    share: 'Certified share',
  },
  curveNote: {
    accuracy: 'Right and proven up to the size. For the class of a crop, not for the box.',
    recall: 'Annotated objects that no patch of the size can hide, if the picture is clean.',
    share: 'Proven, right or wrong: these have no ground truth.',
  },
  curveDetail: (method: string, run: string) => `${method} · ${run}`,
  counted: (counted: number, tried: number, kind: 'accuracy' | 'recall' | 'share') => {
    const of = kind === 'recall' ? plural(counted, 'object') : plural(counted, 'certificate')
    return counted === tried ? of : `${of} with ground truth, of ${formatCount(tried)}`
  },
  staleModel: 'Proven for another model file: nothing of it counts until it is proven again.',
  stalePictures: (count: number) =>
    `${plural(count, 'certificate')} of pictures that have changed do not count.`,
  askedOne: (asked: string) => `Asked about ${asked} alone.`,
  place: 'Where the patch is',
  certify: 'Certify boxes of B…',
  certifyMore: 'Certify…',
  size: 'Size',
  proven: 'proven up to',
  certificates: 'certificates',
  rightShort: 'not attacked',
}

/** To two decimals, by `round` on the safe side of a bound; figures that are round but for their last bits stay round. */
function percent(share: number, round: (value: number) => number): string {
  return `${round(Number((1e4 * share).toFixed(7))) / 100}${thin}%`
}

/** A radius as people read it, rounded down to three digits: never more than was proven. */
export function radiusText(radius: number): string {
  if (Number.isInteger(radius) || !(radius > 0 && radius < Infinity)) return String(radius)
  const near = Number(radius.toPrecision(3))
  const step = 10 ** (Math.floor(Math.log10(radius)) - 2)
  return String(near <= radius ? near : Number((near - step).toPrecision(3)))
}

import { plural } from './ui'

const thin = '\u2009'

/** Words of the Results screen. */
export const resultsText = {
  title: 'Results',
  tabs: {
    overview: 'Overview',
    classes: 'Per class',
    masks: 'Masks',
    certificates: 'Certificates',
    studies: 'Studies',
  },
  allImages: 'All pictures',
  images: (count: number) => plural(count, 'picture'),
  truth: (objects: number) =>
    objects === 0 ? 'no ground truth' : `${plural(objects, 'object')} of ground truth`,
  which: 'Which pictures count',
  ofList: 'What the Library shows',
  curveClass: 'Class of the curves',
  clean: 'Clean run',
  noClean: 'No clean run',
  saveReport: 'Save report…',
  reportSaved: 'Report saved',
  hint: 'Click a point, bar or cell, or drag over a plot: its pictures appear on the right.',
  evaluation: 'COCO evaluation · IoU 0.50 · up to 100 boxes a picture',
  empty: 'Nothing to compare yet',
  emptyText: 'Run a detector with and without the defense; what changed is counted here.',
  toRuns: 'Go to Runs',

  figures: {
    'ap50-clean': 'AP50 clean',
    'ap50-attacked': 'AP50 attacked',
    'ap50-defended': 'AP50 defended',
    'lost-on-clean': 'Lost on clean pictures',
    'patch-covered': 'Patch covered',
    time: 'Time a picture',
  },
  samples: {
    images: (count: number) => plural(count, 'picture'),
    objects: (count: number) => plural(count, 'object'),
    patches: (count: number) => plural(count, 'patch', 'patches'),
    boxes: (count: number) => plural(count, 'box', 'boxes'),
  },
  few: 'few',
  needs: {
    'ground-truth': 'Needs ground truth',
    'clean-run': 'Needs a clean run',
    'run-a': 'Needs a run as A',
    'run-b': 'Needs a run as B',
    'patch-annotations': 'Needs annotated patches',
    times: 'Needs a run with times',
    certificates: 'Needs certificates of B',
    stages: 'Needs a run with times of its stages',
  },
  needsHelp: {
    'ground-truth': 'Import annotations with the pictures, or draw object boxes in Annotate.',
    'clean-run': 'Choose a run over the pictures without patches, in the bar above.',
    'run-a': 'Choose A at the top right.',
    'run-b': 'Choose B at the top right.',
    'patch-annotations': 'Accept or draw the patches of some pictures in Annotate.',
    times: 'Runs that were read from a file have no times.',
    certificates: 'Start a run with certificates in Runs.',
    stages: 'Runs that were read from a file have no times.',
  },
  points: (value: string) => `${value} points`,
  keptOfClean: (share: string) => `${share} of clean kept`,
  beside: (value: string) => `${value} for A`,
  factor: (value: string) => `${value}${thin}× the time of A`,
  perSample: (value: string) => value,

  runA: 'A',
  runB: 'B',
  cleanShort: 'Clean',
  classPlot: 'AP50 by class',
  classPlotDetail: 'before and after, in points',
  className: 'Class',
  measure: 'AP50',
  classSummary: (count: number, best: string) =>
    `AP50 of ${plural(count, 'class', 'classes')}, for A and B.${best}`,
  mostGained: (name: string, by: string) => ` ${name} gains most: ${by} points.`,

  curvePlot: 'Precision and recall',
  curveDetail: (name: string) => `${name}, IoU 0.50`,
  allClasses: 'all classes',
  recall: 'recall',
  precision: 'precision',
  score: 'score',
  layer: 'Run',
  curveNote: 'Across: recall. Up: precision.',
  curveSummary: (name: string, parts: string) =>
    `Precision at rising recall for ${name}.${parts === '' ? '' : ` ${parts}.`}`,
  curvePart: (name: string, ap: string) => `AP50 of ${name} ${ap}`,

  coveragePlot: 'Patch covered, by size',
  coverageDetail: 'in %',
  coverageNote: 'Across: patch, % of the picture. Up: how much of it the mask covers.',
  image: 'Picture',
  patch: 'patch',
  patchArea: 'of the picture',
  covered: 'covered',
  coverageSummary: (count: number, covered: string, under: number) =>
    `${plural(count, 'patch', 'patches')}, ${covered} covered. ${formatUnder(under)}`,

  maskPlot: 'Mask area',
  maskDetail: 'share of the picture',
  maskNote: 'Across: completed mask, % of the picture.',
  coverageHistogram: 'Coverage',
  coverageHistogramDetail: 'how much of each patch is covered',
  coverageHistogramNote: 'Across: covered, % of the patch. Up: patches.',
  sizeHistogram: 'Size of patches',
  sizeHistogramNote: 'Across: patch, % of the picture. Up: patches.',
  patches: 'patches',

  timePlot: 'Time per stage',
  timeDetail: (images: number) => `median of ${plural(images, 'picture')}`,
  stage: 'Stage',
  otherStages: 'others',
  time: 'Time',
  total: 'all stages',
  timeSummary: (parts: string) => `Median time of each stage. ${parts}`,
  timePart: (name: string, ms: string) => `${name} ${ms}.`,

  matrixPlot: 'From A to B',
  matrixDetail: 'boxes matched at IoU 0.50',
  none: 'none',
  others: 'others',
  boxes: 'boxes',
  matrixNote: 'Rows: A. Columns: B. Last row: only B. Last column: only A.',
  matrixSummary: (kept: number, gained: number, lost: number, changed: number) =>
    `${plural(kept, 'box', 'boxes')} in both, ${gained} only in B, ${lost} only in A, ${changed} of another class.`,

  certifiedPlot: 'Certified labels',
  certifiedNote: 'Proven for the label of a crop, not for the box.',
  certifiedSummary: (certified: number, tried: number) =>
    `${certified} of ${plural(tried, 'label')} proven at all.`,

  behind: 'Behind the selection',
  behindEmpty: 'Choose a point, a bar or a cell: the pictures it stands for appear here.',
  openInLibrary: (count: number) => `Open the ${plural(count, 'picture')} in Library`,
  correct: 'Correct their masks',
  more: (count: number) => `${plural(count, 'more picture')} in Library`,
  several: (pictures: number, points: number) =>
    `${plural(pictures, 'picture')} behind ${plural(points, 'point')}.`,
  noPictures: 'No picture is behind this.',
  openImage: (name: string) => `Open ${name}`,

  perClass: {
    class: 'Class',
    objects: 'Objects',
    a: 'A',
    b: 'B',
    clean: 'Clean',
    change: 'B − A',
    found: 'Boxes of B',
    all: 'All classes',
  },
  masks: {
    covered: 'Covered, all patches together',
    underNinety: 'Patches under 90 %',
    falseShare: 'Removed, but no patch',
    patches: 'Annotated patches',
  },
  certificates: {
    method: 'Method',
    proven: 'Proven',
    ofRun: 'Certificates of B',
    picture: 'Picture',
    class: 'Class',
    radius: 'Up to',
    statement: 'Statement',
    outOfDate: 'out of date',
    none: 'Nothing was proven or tried for B.',
    noneText:
      'A certificate says how far the answer for one object cannot change, whatever an attacker does.',
    note: 'Each point leads to its pictures. Methods are not ranked against each other.',
  },

  report: {
    title: (a: string, b: string) => `${a} and ${b}`,
    figures: 'Figures',
    value: 'Value',
    samples: 'From',
    made: 'Made with Patchwarden',
    manifest: (name: string) => `Manifest of ${name}`,
    needs: 'missing',
    classes: 'Per class',
    intro: (images: string) => `Counted on ${images}.`,
  },
}

function formatUnder(count: number): string {
  return count === 0 ? 'All are covered to 90 % or more.' : `${count} under 90 %.`
}

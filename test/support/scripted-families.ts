import type { ScriptedModel, ScriptedOutput } from './scripted-model'

// One scripted model for each output family, in the shapes of the real exports but on a canvas of 96x64, so that a graph
// stays small: strides 8, 16 and 32 have 96 + 24 + 6 = 126 cells.

export const canvas = { width: 96, height: 64 }
const cells = 126
const picture = (channels = 3) => ({ name: 'images', dims: [1, channels, 64, 96] })

/** `[1, rows, columns]` of `fill`, with the values of some rows from column 0 on. */
export function table(
  name: string,
  rows: number,
  columns: number,
  entries: Readonly<Record<number, readonly number[]>>,
  fill: number | ((row: number, column: number) => number) = 0,
): ScriptedOutput {
  const data = Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns]
    return entries[row]?.[column] ?? (typeof fill === 'number' ? fill : fill(row, column))
  })
  return { name, dims: [1, rows, columns], data }
}

/** The same values with rows and columns exchanged. */
export function transposed({ name, dims, data }: ScriptedOutput): ScriptedOutput {
  const [, rows = 0, columns = 0] = dims
  return {
    name,
    dims: [1, columns, rows],
    data: Array.from(
      { length: data.length },
      (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!,
    ),
  }
}

/** Box columns of decoded families: small boxes all over the picture, so that they look like real ones. */
const spread = (row: number, column: number) =>
  column === 0 ? (row * 7) % 96 : column === 1 ? (row * 5) % 64 : column < 4 ? 4 : 0

const script = (
  outputs: readonly ScriptedOutput[],
  more: Partial<ScriptedModel> = {},
): ScriptedModel => ({ input: picture(), outputs, ...more })

const names = "{0: 'cat', 1: 'dog'}"
const ultralytics = { metadata: { author: 'Ultralytics', task: 'detect', names } }

const yolov8Table = table(
  'output0',
  cells,
  6,
  { 3: [30, 20, 20, 10, 0.1, 0.9], 90: [60, 40, 12, 8, 0.6, 0.2] },
  spread,
)

/** Anchor a, values v, at cell (row, column): [1, 3 * 7, h, w]. */
function headMap(name: string, width: number, height: number, set?: readonly number[]) {
  const data = new Array<number>(21 * width * height).fill(-8)
  // Anchor 1, cell (row 1, column 2).
  set?.forEach((value, i) => (data[(7 + i) * width * height + width + 2] = value))
  return { name, dims: [1, 21, height, width], data }
}

const logits = (probability: number) => Math.log(probability / (1 - probability))

/** Distribution logits of 8 bins that put all weight on one distance for each side. */
const distances = (...sides: readonly number[]) =>
  sides.flatMap((side) => Array.from({ length: 8 }, (_, bin) => (bin === side ? 30 : -30)))

const isDistribution = (_: number, column: number) => (column % 8 === 0 ? 5 : -5)

export const families = {
  'yolox decoded in the graph': {
    family: 'yolox',
    script: script([table('output', cells, 7, { 3: [30, 20, 20, 10, 0.9, 0.1, 0.9] }, spread)]),
    output: { family: 'yolox', decoded: true },
    expected: [{ box: [20, 15, 40, 25], score: 0.81, classId: 1 }],
    // Seven columns may also be 4 + 3 classes without objectness.
    alsoFits: 'yolov8',
    decisive: ['input'],
  },
  'yolox raw': {
    family: 'yolox',
    script: script([
      // Row 96 + 6 + 2 is cell (1, 2) of stride 16: centre (2.5, 1.25) * 16, size 32 x 16.
      table('output', cells, 7, { 104: [0.5, 0.25, Math.log(2), 0, 0.9, 0.1, 0.9] }),
    ]),
    output: { family: 'yolox' },
    expected: [{ box: [24, 12, 56, 28], score: 0.81, classId: 1 }],
    decisive: [],
  },
  yolov5: {
    family: 'yolov5',
    script: script([
      table('output', 3 * cells, 7, { 200: [30, 20, 20, 10, 0.5, 0.8, 0.1] }, spread),
    ]),
    output: { family: 'yolov5' },
    expected: [{ box: [20, 15, 40, 25], score: 0.4, classId: 0 }],
    decisive: [],
  },
  yolov8: {
    family: 'yolov8',
    script: script([transposed(yolov8Table)]),
    output: { family: 'yolov8' },
    expected: [
      { box: [20, 15, 40, 25], score: 0.9, classId: 1 },
      { box: [54, 36, 66, 44], score: 0.6, classId: 0 },
    ],
    decisive: [],
  },
  'yolov8 transposed': {
    family: 'yolov8',
    script: script([yolov8Table], ultralytics),
    output: { family: 'yolov8', layout: 'boxes-first' },
    expected: [
      { box: [20, 15, 40, 25], score: 0.9, classId: 1 },
      { box: [54, 36, 66, 44], score: 0.6, classId: 0 },
    ],
    decisive: [],
  },
  'yolo end to end': {
    family: 'yolo-end-to-end',
    script: script(
      [
        table(
          'output0',
          30,
          6,
          { 0: [20, 15, 40, 25, 0.75, 1], 1: [54, 36, 66, 44, 0.5, 0] },
          (row, column) => [1, 1, 2 + row, 9, 0.01, row % 5][column]!,
        ),
      ],
      ultralytics,
    ),
    output: { family: 'yolo-end-to-end' },
    expected: [
      { box: [20, 15, 40, 25], score: 0.75, classId: 1 },
      { box: [54, 36, 66, 44], score: 0.5, classId: 0 },
    ],
    decisive: [],
  },
  'nanodet-plus': {
    family: 'nanodet',
    script: script([
      // Row 96 + 6 + 2: cell (1, 2) of stride 16, centre (32, 16).
      table('output', cells, 34, { 104: [0.1, 0.7, ...distances(1, 0, 2, 1)] }, (row, column) =>
        column < 2 ? 0 : isDistribution(row, column),
      ),
    ]),
    output: { family: 'nanodet', centerOffset: 0 },
    expected: [{ box: [16, 16, 64, 32], score: 0.7, classId: 1 }],
    decisive: ['input.resize'],
  },
  'picodet heads': {
    family: 'nanodet',
    script: script(
      [96, 24, 6].flatMap((rows, level) => [
        table(`cls${level}`, rows, 2, level === 1 ? { 8: [0.1, 0.7] } : {}),
        table(
          `dis${level}`,
          rows,
          32,
          level === 1 ? { 8: distances(1, 0, 2, 1) } : {},
          isDistribution,
        ),
      ]),
      { producer: 'PaddlePaddle' },
    ),
    output: { family: 'nanodet' },
    expected: [{ box: [24, 24, 72, 40], score: 0.7, classId: 1 }],
    decisive: [],
  },
  fastestdet: {
    family: 'fastestdet',
    script: script([
      {
        name: '758',
        dims: [1, 7, 4, 6],
        data: Array.from({ length: 7 * 24 }, (_, i) => {
          // Cell (1, 2): objectness, tanh offsets 0, sigmoid sizes 0.5, classes.
          const [channel, cell] = [Math.floor(i / 24), i % 24]
          return cell === 8 ? [0.9, 0, 0, 0, 0, 0.2, 0.8][channel]! : 0.01
        }),
      },
    ]),
    output: { family: 'fastestdet' },
    expected: [{ box: [8, -0, 56, 32], score: 0.9 ** 0.6 * 0.8 ** 0.4, classId: 1 }],
    decisive: [],
  },
  'ssd raw': {
    family: 'ssd-raw',
    script: script([
      // Row 2 of a 12x8 grid with two anchors: cell (0, 1), first anchor, centre (12, 4), size 24 x 32.
      table(
        'loc',
        192,
        4,
        { 2: [1, -1, 0, Math.log(0.5) / 0.2] },
        (row, column) => (row % 3) - column,
      ),
      table('conf', 192, 3, { 2: [0.5, 4, 1] }, (_, column) => (column === 0 ? 9 : 0)),
    ]),
    output: {
      family: 'ssd-raw',
      anchors: { maps: [{ width: 12, height: 8, boxes: [[0.25, 0.5], [0.5, 0.5]] }] }, // prettier-ignore
      activation: 'softmax',
      background: 'first',
    },
    expected: [
      {
        box: [2.4, -7.2, 26.4, 8.8],
        score: Math.exp(4) / (Math.exp(0.5) + Math.exp(4) + Math.exp(1)),
        classId: 0,
      },
    ],
    decisive: ['output.anchors', 'output.background', 'input'],
  },
  'ssd decoded': {
    family: 'ssd-decoded',
    script: script([
      table('scores', 150, 3, { 7: [0.2, 0.1, 0.7] }, (_, column) => (column === 0 ? 1 : 0)),
      table('boxes', 150, 4, { 7: [0.25, 0.25, 0.5, 0.75] }, (row, column) =>
        column < 2 ? row / 300 : row / 300 + 0.1,
      ),
    ]),
    output: { family: 'ssd-decoded' },
    expected: [{ box: [24, 16, 48, 48], score: 0.7, classId: 1 }],
    decisive: ['input', 'output.background'],
  },
  'detr with softmax': {
    family: 'detr',
    script: script([
      table('logits', 40, 3, { 5: [1, 4, 0] }, (_, column) => (column === 2 ? 6 : 0)),
      table('pred_boxes', 40, 4, { 5: [0.5, 0.5, 0.25, 0.5] }, 0.3),
    ]),
    output: { family: 'detr', activation: 'softmax' },
    expected: [
      {
        box: [36, 16, 60, 48],
        score: Math.exp(4) / (Math.exp(1) + Math.exp(4) + 1),
        classId: 1,
      },
    ],
    decisive: ['output.activation', 'input'],
  },
  'rt-detr with sigmoid': {
    family: 'detr',
    script: script([
      table('logits', 40, 2, { 5: [logits(0.6), logits(0.8)] }, -6),
      table('boxes', 40, 4, { 5: [0.5, 0.5, 0.25, 0.5] }, 0.3),
    ]),
    output: { family: 'detr', activation: 'sigmoid' },
    // Two classes of one query are two detections.
    expected: [
      { box: [36, 16, 60, 48], score: 0.8, classId: 1 },
      { box: [36, 16, 60, 48], score: 0.6, classId: 0 },
    ],
    decisive: ['output.activation', 'input'],
  },
  'faster r-cnn': {
    family: 'faster-rcnn',
    script: {
      input: { name: 'images', dims: [3, 64, 96] },
      outputs: [
        { name: 'boxes', dims: [3, 4], data: [20, 15, 40, 25, 54, 36, 66, 44, 0, 0, 5, 5] },
        { name: 'labels', type: 'int64' as const, dims: [3], data: [2, 1, 1] },
        { name: 'scores', dims: [3], data: [0.75, 0.5, 0.01] },
      ],
    },
    output: { family: 'faster-rcnn', batched: false },
    expected: [
      { box: [20, 15, 40, 25], score: 0.75, classId: 1 },
      { box: [54, 36, 66, 44], score: 0.5, classId: 0 },
    ],
    decisive: ['classes', 'input'],
  },
  'yolov5 heads': {
    family: 'yolo-heads',
    script: script([
      headMap('s8', 12, 8),
      // x = (2 * 0.5 - 0.5 + 2) * 16 = 40, y = 24; sizes (2 * 0.5)^2 times the anchor 62 x 45.
      headMap('s16', 6, 4, [0, 0, 0, 0, logits(0.9), logits(0.1), logits(0.8)]),
      headMap('s32', 3, 2),
    ]),
    output: {
      family: 'yolo-heads',
      version: 'v5',
      levels: [
        { stride: 8, anchors: [[10, 13], [16, 30], [33, 23]] }, // prettier-ignore
        { stride: 16, anchors: [[30, 61], [62, 45], [59, 119]] }, // prettier-ignore
        { stride: 32, anchors: [[116, 90], [156, 198], [373, 326]] }, // prettier-ignore
      ],
    },
    expected: [{ box: [9, 1.5, 71, 46.5], score: 0.72, classId: 1 }],
    decisive: ['output.levels'],
  },
} satisfies Record<
  string,
  {
    readonly family: string
    readonly script: ScriptedModel
    readonly output: Readonly<Record<string, unknown>>
    readonly expected: readonly { box: readonly number[]; score: number; classId: number }[]
    readonly decisive: readonly string[]
    /** Another family whose models look the same. */
    readonly alsoFits?: string
  }
>

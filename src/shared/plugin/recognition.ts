import { cocoClasses } from '../coco-classes'
import type { ModelInput } from '../model-card'
import type { Matrix } from './output-tensors'
import type { CardQuestion } from './output-family'

// What several output families look at to recognise a model that came without a card.

/** Preprocessing of YOLOX's own demo code. */
export const yoloxInput: Partial<ModelInput> = {
  range: 255,
  channelOrder: 'bgr',
  resize: 'letterbox',
  anchor: 'top-left',
  pad: 114,
}

/** Preprocessing of Ultralytics' YOLOv5 to 26 and of YOLOv6, v7 and v10, which kept it. */
export const ultralyticsInput: Partial<ModelInput> = {
  range: 1,
  channelOrder: 'rgb',
  resize: 'letterbox',
  anchor: 'center',
  pad: 114,
}

/** ImageNet normalisation as torchvision models have it. */
export const imageNetInput: Partial<ModelInput> = {
  range: 1,
  channelOrder: 'rgb',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  resize: 'stretch',
}

/** What to ask where nothing in the file tells how pictures were prepared in training. */
export const inputQuestion: CardQuestion = {
  field: 'input',
  question:
    'How were pictures prepared in training: channel order, range, mean and std, letterbox or stretch?',
  decisive: true,
}

/** Cells of the grids of `strides` on a canvas, all together. */
export function gridCells(
  canvas: { readonly width: number; readonly height: number },
  strides: readonly number[],
): number {
  return strides.reduce(
    (sum, stride) => sum + Math.ceil(canvas.width / stride) * Math.ceil(canvas.height / stride),
    0,
  )
}

/** Names for `count` classes, where they come from, and what to ask if that is a guess. */
export function proposeClasses(
  count: number,
  metadata: Readonly<Record<string, string>>,
): {
  readonly classes: readonly string[]
  readonly reason: string
  readonly questions: readonly CardQuestion[]
} {
  const named = metadataNames(metadata)
  if (named.length === count) {
    return { classes: named, reason: `${count} class names in its metadata`, questions: [] }
  }
  if (count === cocoClasses.length) {
    return { classes: cocoClasses, reason: '80 classes, as COCO has', questions: [] }
  }
  return {
    classes: Array.from({ length: count }, (_, i) => `class ${i}`),
    reason: `${count} classes without names`,
    questions: [
      { field: 'classes', question: `What are its ${count} classes called?`, decisive: false },
    ],
  }
}

/** Class names that Ultralytics writes as the text of a Python dict, `{0: 'person', 1: "driver's cab"}`, in order. */
export function metadataNames(metadata: Readonly<Record<string, string>>): string[] {
  const text = metadata['names'] ?? ''
  const quoted = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g
  return Array.from(text.matchAll(quoted), (match) =>
    (match[1] ?? match[2] ?? '').replaceAll(/\\(.)/g, '$1'),
  ).filter((name) => name !== '')
}

export function isUltralytics(metadata: Readonly<Record<string, string>>): boolean {
  return /ultralytics/i.test(`${metadata['author'] ?? ''} ${metadata['description'] ?? ''}`)
}

/** Ultralytics writes the task into its exports; segmentation, poses and turned boxes are not detection. */
export function isOtherTask(metadata: Readonly<Record<string, string>>): boolean {
  return metadata['task'] !== undefined && metadata['task'] !== 'detect'
}

/** Smallest and largest value of a column. */
export function columnRange(matrix: Matrix, column: number): readonly [min: number, max: number] {
  let min = Infinity
  let max = -Infinity
  for (let at = column; at < matrix.rows * matrix.columns; at += matrix.columns) {
    min = Math.min(min, matrix.data[at]!)
    max = Math.max(max, matrix.data[at]!)
  }
  return [min, max]
}

/** Whether all values from column `first` on lie in 0..1, as probabilities do. */
export function areProbabilities(matrix: Matrix, first = 0, end = matrix.columns): boolean {
  for (let row = 0; row < matrix.rows; row++) {
    for (let column = first; column < end; column++) {
      const value = matrix.data[row * matrix.columns + column]!
      // Sums of rounded terms may miss 0 or 1 by a little.
      if (!(value >= -1e-5 && value <= 1 + 1e-5)) return false
    }
  }
  return true
}

/** Share of rows whose first four values are corners in order: x1 <= x2 and y1 <= y2. */
export function cornerShare({ data, rows, columns }: Matrix): number {
  let ordered = 0
  for (let at = 0; at < rows * columns; at += columns) {
    if (data[at]! <= data[at + 2]! && data[at + 1]! <= data[at + 3]!) ordered++
  }
  return rows === 0 ? 0 : ordered / rows
}

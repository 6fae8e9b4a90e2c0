import type { ModelInput } from '../model-card'
import type { RgbImage } from './image'
import { assertRgbImage } from './image'
import { enlargingAreaAxis, linearAxis, shrinkingAreaAxis } from './resample'
import type { AreaAxis, LinearAxis } from './resample'
import type { ResizePlan } from './resize'

type TensorData = Float32Array | Uint8Array
type TensorInput = Pick<
  ModelInput,
  'layout' | 'type' | 'range' | 'mean' | 'std' | 'channelOrder' | 'interpolation' | 'pad'
>

/** A batch of one picture: dims are [1, 3, height, width] (nchw) or [1, height, width, 3] (nhwc). */
export interface ImageTensor {
  readonly data: TensorData
  readonly dims: readonly [number, number, number, number]
}

/**
 * Resizes, normalises and lays out `image` for a model in one pass. The resized picture has the bytes of OpenCV's
 * `resize` (INTER_LINEAR or INTER_AREA, 8 bit), because the reference pipelines of detectors are written with it.
 * `out`, of the right type and length, is filled and returned instead of a new array. A model that takes the picture's own
 * bytes is given these, not a copy: the tensor is for reading only.
 */
export function imageToTensor(
  image: RgbImage,
  input: TensorInput,
  plan: ResizePlan,
  out?: TensorData,
): ImageTensor {
  assertRgbImage(image)
  if (image.width !== plan.sourceWidth || image.height !== plan.sourceHeight) {
    throw new RangeError(
      `the plan is for ${plan.sourceWidth}x${plan.sourceHeight}, the image has ${image.width}x${image.height}`,
    )
  }
  const { width, height } = plan
  if (out === undefined && takesBytesAsTheyAre(image, input, plan)) {
    return { data: image.data, dims: [1, height, width, 3] }
  }
  const data = output(input, 3 * width * height, out)
  const sink = { data, ...target(input, plan), tables: normalizationTables(input) }
  fillBorder(sink, input, plan)
  if (plan.contentWidth === image.width && plan.contentHeight === image.height) copy(image, sink)
  else if (input.interpolation === 'area' && shrinks(plan)) average(image, plan, sink)
  else blend(image, input, plan, sink)
  return { data, dims: input.layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3] }
}

function takesBytesAsTheyAre(image: RgbImage, input: TensorInput, plan: ResizePlan): boolean {
  return (
    input.type === 'uint8' &&
    input.layout === 'nhwc' &&
    input.channelOrder === 'rgb' &&
    input.range === 255 &&
    input.mean.every((value) => value === 0) &&
    input.std.every((value) => value === 1) &&
    plan.width === image.width &&
    plan.height === image.height &&
    plan.contentWidth === image.width &&
    plan.contentHeight === image.height
  )
}

/** Where and how pixels are written: value v of channel c at (x, y) goes to origin[c] + y * rowStep + x * step. */
interface Sink {
  readonly data: TensorData
  /** For the red, green and blue channel of the source. */
  readonly origin: readonly [number, number, number]
  readonly rowStep: number
  readonly step: number
  /** Byte to model value, 256 entries for each of red, green and blue. */
  readonly tables: readonly [TensorData, TensorData, TensorData]
}

function output(input: TensorInput, length: number, out: TensorData | undefined): TensorData {
  if (out === undefined) {
    return input.type === 'uint8' ? new Uint8Array(length) : new Float32Array(length)
  }
  if (out.length !== length || out instanceof Uint8Array !== (input.type === 'uint8')) {
    throw new RangeError(`the output array must hold ${length} ${input.type} values`)
  }
  return out
}

function target(input: TensorInput, plan: ResizePlan): Omit<Sink, 'data' | 'tables'> {
  const { width, height, offsetX, offsetY } = plan
  const planar = input.layout === 'nchw'
  const step = planar ? 1 : 3
  const start = step * (offsetY * width + offsetX)
  const channelStep = planar ? width * height : 1
  const place = (channel: number) => start + modelChannel(input, channel) * channelStep
  return { origin: [place(0), place(1), place(2)], rowStep: step * width, step }
}

/** Position in the model's channel order of the source's red (0), green (1) or blue (2). */
function modelChannel(input: TensorInput, channel: number): number {
  return input.channelOrder === 'rgb' ? channel : 2 - channel
}

function normalized(input: TensorInput, channel: number, byte: number): number {
  const at = modelChannel(input, channel)
  const value = (byte * (input.range / 255) - input.mean[at]!) / input.std[at]!
  return input.type === 'uint8' ? Math.min(255, Math.max(0, Math.round(value))) : value
}

function normalizationTables(input: TensorInput): Sink['tables'] {
  const table = (channel: number) => {
    const values = input.type === 'uint8' ? new Uint8Array(256) : new Float32Array(256)
    for (let byte = 0; byte < 256; byte++) values[byte] = normalized(input, channel, byte)
    return values
  }
  return [table(0), table(1), table(2)]
}

function fillBorder(sink: Sink, input: TensorInput, plan: ResizePlan): void {
  if (plan.contentWidth === plan.width && plan.contentHeight === plan.height) return
  const area = plan.width * plan.height
  const values = [0, 1, 2].map((channel) => normalized(input, channel, input.pad))
  if (sink.step === 1) {
    for (let channel = 0; channel < 3; channel++) {
      const plane = modelChannel(input, channel) * area
      sink.data.fill(values[channel]!, plane, plane + area)
    }
    return
  }
  const ordered = [0, 1, 2].map((at) => values[modelChannel(input, at)]!)
  for (let i = 0; i < 3 * area; i += 3) {
    sink.data[i] = ordered[0]!
    sink.data[i + 1] = ordered[1]!
    sink.data[i + 2] = ordered[2]!
  }
}

function copy(image: RgbImage, { data, origin, rowStep, step, tables }: Sink): void {
  const [red, green, blue] = tables
  const source = image.data
  for (let y = 0, from = 0; y < image.height; y++) {
    let r = origin[0] + y * rowStep
    let g = origin[1] + y * rowStep
    let b = origin[2] + y * rowStep
    for (let x = 0; x < image.width; x++, from += 3, r += step, g += step, b += step) {
      data[r] = red[source[from]!]!
      data[g] = green[source[from + 1]!]!
      data[b] = blue[source[from + 2]!]!
    }
  }
}

function shrinks(plan: ResizePlan): boolean {
  return plan.contentWidth <= plan.sourceWidth && plan.contentHeight <= plan.sourceHeight
}

/** Two taps on each axis. Rows are resized across once and kept while the rows below still need them. */
function blend(image: RgbImage, input: TensorInput, plan: ResizePlan, sink: Sink): void {
  const axis = input.interpolation === 'area' ? enlargingAreaAxis : linearAxis
  const columns = axis(plan.sourceWidth, plan.contentWidth)
  const rows = axis(plan.sourceHeight, plan.contentHeight)
  let upper = { y: -1, values: new Int32Array(3 * plan.contentWidth) }
  let lower = { y: -1, values: new Int32Array(3 * plan.contentWidth) }
  for (let y = 0; y < plan.contentHeight; y++) {
    const first = rows.first[y]!
    const second = rows.second[y]!
    if (upper.y !== first) {
      // Going down, the row that was below is the next one above.
      if (lower.y === first) [upper, lower] = [lower, upper]
      else across(image, first, columns, upper.values)
      upper.y = first
    }
    const weight = rows.weight[y]!
    if (weight !== 0 && lower.y !== second) {
      across(image, second, columns, lower.values)
      lower.y = second
    }
    down(upper.values, weight === 0 ? upper.values : lower.values, weight, y, sink)
  }
}

/** Resizes row `y` horizontally into three planes of `columns.first.length` values, scaled by 2048 / 16. */
function across(image: RgbImage, y: number, columns: LinearAxis, values: Int32Array): void {
  const { first, second, weight } = columns
  const { data, width } = image
  const count = first.length
  const row = 3 * width * y
  for (let x = 0; x < count; x++) {
    const a = row + 3 * first[x]!
    const b = row + 3 * second[x]!
    const right = weight[x]!
    const left = 2048 - right
    // OpenCV drops these four bits before the vertical pass; keeping them would differ by a level now and then.
    values[x] = (data[a]! * left + data[b]! * right) >> 4
    values[count + x] = (data[a + 1]! * left + data[b + 1]! * right) >> 4
    values[2 * count + x] = (data[a + 2]! * left + data[b + 2]! * right) >> 4
  }
}

/** Blends two rows of `across` into row `y` of the output: OpenCV's fixed-point rounding, then the table. */
function down(upper: Int32Array, lower: Int32Array, weight: number, y: number, sink: Sink): void {
  const { data, origin, rowStep, step, tables } = sink
  const rest = 2048 - weight
  const count = upper.length / 3
  for (let channel = 0; channel < 3; channel++) {
    const table = tables[channel]!
    let to = origin[channel]! + y * rowStep
    for (let i = channel * count, end = i + count; i < end; i++, to += step) {
      data[to] = table[(((upper[i]! * rest) >> 16) + ((lower[i]! * weight) >> 16) + 2) >> 2]!
    }
  }
}

/** Box averages: rows first, because adding whole rows is cheap, then across, once for each output row. */
function average(image: RgbImage, plan: ResizePlan, sink: Sink): void {
  const columns = shrinkingAreaAxis(plan.sourceWidth, plan.contentWidth)
  const rows = shrinkingAreaAxis(plan.sourceHeight, plan.contentHeight)
  const stride = 3 * image.width
  const sum = new Float32Array(stride)
  const means = new Float32Array(3 * plan.contentWidth)
  for (let y = 0; y < plan.contentHeight; y++) {
    const first = rows.starts[y]!
    for (let k = first; k < rows.starts[y + 1]!; k++) {
      const source = rows.indices[k]! * stride
      addRow(image.data, source, rows.weights[k]!, sum, k === first)
    }
    averageAcross(sum, columns, means)
    writeRounded(means, y, sink)
  }
}

function addRow(
  data: Uint8Array,
  from: number,
  weight: number,
  sum: Float32Array,
  isFirst: boolean,
): void {
  if (isFirst) for (let i = 0; i < sum.length; i++) sum[i] = weight * data[from + i]!
  else for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + weight * data[from + i]!
}

/** From interleaved red, green and blue to three planes. */
function averageAcross(row: Float32Array, columns: AreaAxis, values: Float32Array): void {
  const { starts, indices, weights } = columns
  const count = starts.length - 1
  for (let x = 0; x < count; x++) {
    let r = 0
    let g = 0
    let b = 0
    for (let k = starts[x]!, end = starts[x + 1]!; k < end; k++) {
      const at = 3 * indices[k]!
      const weight = weights[k]!
      r += weight * row[at]!
      g += weight * row[at + 1]!
      b += weight * row[at + 2]!
    }
    values[x] = r
    values[count + x] = g
    values[2 * count + x] = b
  }
}

function writeRounded(sum: Float32Array, y: number, sink: Sink): void {
  const { data, origin, rowStep, step, tables } = sink
  const count = sum.length / 3
  for (let channel = 0; channel < 3; channel++) {
    const table = tables[channel]!
    let to = origin[channel]! + y * rowStep
    for (let i = channel * count, end = i + count; i < end; i++, to += step) {
      data[to] = table[(sum[i]! + 0.5) | 0]!
    }
  }
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GraphNode, OnnxGraph } from '../src/engine/models/onnx-graph'
import { openOnnxSession } from '../src/engine/models/onnx-session'
import type { Feeds } from './model-feeds'

type Dims = readonly number[]

const product = (dims: Dims): number => dims.reduce((all, dim) => all * dim, 1)

/** Multiply-adds of one node, from the shapes of its inputs and of its output. */
const counted: Readonly<Record<string, (inputs: readonly Dims[], output: Dims) => number>> = {
  Conv: (inputs, output) => product(output) * product(inputs[1]?.slice(1) ?? []),
  FusedConv: (inputs, output) => product(output) * product(inputs[1]?.slice(1) ?? []),
  ConvInteger: (inputs, output) => product(output) * product(inputs[1]?.slice(1) ?? []),
  QLinearConv: (inputs, output) => product(output) * product(inputs[3]?.slice(1) ?? []),
  ConvTranspose: ([input = [], weights = []]) => product(input) * product(weights.slice(1)),
  Gemm: ([a = []], output) => (product(a) / (output[0] ?? 1)) * product(output),
  MatMul: ([a = []], output) => product(output) * (a.at(-1) ?? 1),
}

/**
 * Multiply-adds of one run with `feeds`: convolutions and matrix products, as papers count them. The shapes are those of
 * a real run, in which the model is made to return everything in between as well.
 */
export async function countMultiplyAdds(
  bytes: Uint8Array,
  graph: OnnxGraph,
  feeds: Feeds,
): Promise<number> {
  const nodes = graph.nodes.filter(({ operator }) => operator in counted)
  const shapes = new Map<string, Dims>()
  for (const [name, { dims }] of graph.weights) shapes.set(name, dims)
  for (const [name, { dims }] of Object.entries(feeds)) shapes.set(name, dims)
  for (const [name, dims] of await shapesInBetween(bytes, graph, nodes, feeds, shapes)) {
    shapes.set(name, dims)
  }
  let sum = 0
  for (const { operator, inputs, outputs } of nodes) {
    const of = (name: string): Dims => shapes.get(name) ?? []
    sum += counted[operator]?.(inputs.map(of), of(outputs[0] ?? '')) ?? 0
  }
  return sum
}

async function shapesInBetween(
  bytes: Uint8Array,
  { outputs }: OnnxGraph,
  nodes: readonly GraphNode[],
  feeds: Feeds,
  known: ReadonlyMap<string, Dims>,
): Promise<(readonly [string, Dims])[]> {
  const wanted = new Set(nodes.flatMap((node) => [...node.inputs, ...node.outputs]))
  const added = [...wanted].filter(
    (name) => name !== '' && !known.has(name) && !outputs.includes(name),
  )
  const folder = await mkdtemp(join(tmpdir(), 'patchwarden-bench-'))
  try {
    const path = join(folder, 'model.onnx')
    await writeFile(path, Buffer.concat([bytes, moreOutputs(added)]))
    const session = await openOnnxSession(path, 'the model', 1)
    const returned = await session.run(feeds)
    await session.release()
    return Object.entries(returned).map(([name, { dims }]) => [name, dims] as const)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * A second graph field that holds outputs alone. Protobuf merges a message that comes twice, so that a model followed by
 * this is the same model with more outputs.
 */
function moreOutputs(names: readonly string[]): Buffer {
  const values = names.map((name) => message(12, message(1, Buffer.from(name))))
  return message(7, Buffer.concat(values))
}

function message(number: number, contents: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(contents.length)]), contents])
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))]
}

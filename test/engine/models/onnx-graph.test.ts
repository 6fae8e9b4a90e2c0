import { describe, expect, test } from 'vitest'
import { feedsFor } from '../../../bench/model-feeds'
import { countMultiplyAdds } from '../../../bench/multiply-adds'
import { readOnnxBytes } from '../../../src/engine/models/onnx-file'
import { countParameters, readOnnxGraph } from '../../../src/engine/models/onnx-graph'
import { ProtobufError } from '../../../src/engine/models/protobuf'
import { writeOnnx } from '../../support/onnx-writer'
import type { OnnxTensor } from '../../support/onnx-writer'

const weights = (name: string, ...dims: number[]): OnnxTensor => ({
  name,
  dims,
  data: new Array<number>(dims.reduce((a, b) => a * b, 1)).fill(0.01),
})

/** A picture of 8x12: grouped convolution, transposed convolution, mean, matrix products of all kinds. */
const model = writeOnnx({
  inputs: [{ name: 'x', dims: ['n', 4, 'h', 'w'] }],
  outputs: [{ name: 'z', dims: ['n', 5] }],
  nodes: [
    {
      op: 'Conv',
      inputs: ['x', 'w1', 'b1'],
      outputs: ['c'],
      attributes: { group: 2, strides: [2, 2], pads: [1, 1, 1, 1] },
    },
    { op: 'Relu', inputs: ['c'], outputs: ['r'] },
    { op: 'ConvTranspose', inputs: ['r', 'w2'], outputs: ['t'], attributes: { strides: [2, 2] } },
    { op: 'GlobalAveragePool', inputs: ['t'], outputs: ['p'] },
    { op: 'Reshape', inputs: ['p', 'shape'], outputs: ['f'] },
    { op: 'Gemm', inputs: ['f', 'w3', 'b3'], outputs: ['g'], attributes: { transB: 1 } },
    { op: 'MatMul', inputs: ['g', 'w4'], outputs: ['z'] },
  ],
  initializers: [
    weights('w1', 6, 2, 3, 3),
    weights('b1', 6),
    weights('w2', 6, 3, 2, 2),
    weights('w3', 7, 3),
    weights('b3', 7),
    weights('w4', 7, 5),
    { name: 'shape', type: 'int64', dims: [2], data: [1, 3] },
  ],
})

describe('the graph of a model', () => {
  test('has its nodes, weights and outputs', () => {
    const { nodes, weights: found, outputs } = readOnnxGraph(model)
    expect(nodes.map(({ operator }) => operator)).toEqual([
      ...['Conv', 'Relu', 'ConvTranspose', 'GlobalAveragePool', 'Reshape', 'Gemm', 'MatMul'],
    ])
    expect(nodes[0]).toEqual({ operator: 'Conv', inputs: ['x', 'w1', 'b1'], outputs: ['c'] })
    expect(found.get('w1')).toEqual({ type: 'float32', dims: [6, 2, 3, 3] })
    expect(found.get('shape')).toEqual({ type: 'int64', dims: [2] })
    expect(outputs).toEqual(['z'])
  })

  test('counts learned numbers, not shapes', () => {
    expect(countParameters(readOnnxGraph(model))).toBe(108 + 6 + 72 + 21 + 7 + 35)
  })

  test('is refused where there is none', () => {
    expect(() => readOnnxGraph(new Uint8Array([8, 1]))).toThrow(ProtobufError)
  })
})

describe('what a bench feeds and counts', () => {
  const size = { width: 12, height: 8, layout: 'nchw' } as const

  test('one grey picture of the working size', () => {
    const { x } = feedsFor(readOnnxBytes(model, 'm'), size)
    expect(x?.dims).toEqual([1, 4, 8, 12])
    expect(x?.data).toEqual(new Float32Array(4 * 8 * 12).fill(0.5))
  })

  test('several inputs of any kind', () => {
    const inputs = [
      { name: 'a', type: 'uint8', dims: ['n', 'h', 'w', 3] },
      { name: 'b', type: 'int64', dims: ['n', 5] },
      { name: 'c', type: 'float32', dims: [] },
    ]
    const feeds = feedsFor({ inputs }, { ...size, layout: 'nhwc' })
    expect(Object.values(feeds).map(({ dims }) => dims)).toEqual([[1, 8, 12, 3], [1, 5], []])
    expect(feeds['b']?.data).toEqual(new BigInt64Array(5))
    const text = { inputs: [{ name: 'd', type: 'string', dims: [1] }] }
    expect(() => feedsFor(text, size)).toThrow('string')
  })

  test('multiply-adds, by hand', async () => {
    const feeds = feedsFor(readOnnxBytes(model, 'm'), size)
    const conv = 6 * 4 * 6 * (2 * 3 * 3) // outputs 6x4x6, each of two channels and nine places
    const transposed = 6 * 4 * 6 * (3 * 2 * 2) // every input goes to three channels and four places
    const products = 3 * 7 + 7 * 5
    expect(await countMultiplyAdds(model, readOnnxGraph(model), feeds)).toBe(
      conv + transposed + products,
    )
  })
})

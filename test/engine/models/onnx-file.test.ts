import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { assertSafeOnnx, readOnnxBytes, readOnnxFile } from '../../../src/engine/models/onnx-file'
import { AppError } from '../../../src/shared/errors'
import { writeOnnx } from '../../support/onnx-writer'
import type { OnnxGraph } from '../../support/onnx-writer'
import { scriptedModel } from '../../support/scripted-model'

const folder = mkdtempSync(join(tmpdir(), 'onnx-file-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const tiny = scriptedModel({
  input: { name: 'images', dims: ['batch', 3, 32, 64] },
  outputs: [
    { name: 'boxes', dims: [1, 2, 4], data: [1, 2, 3, 4, 5, 6, 7, 8] },
    { name: 'labels', type: 'int64', dims: [1, 2], data: [0, 1], declared: [1, 'found'] },
  ],
  metadata: { names: "{0: 'cat'}", ['__proto__']: 'x' },
})

describe('the header', () => {
  test('holds names, types, sizes and counts', () => {
    expect(readOnnxBytes(tiny, 'tiny.onnx')).toEqual({
      irVersion: 8,
      producer: 'patchwarden tests',
      producerVersion: '',
      opsets: [{ domain: '', version: 13 }],
      metadata: { names: "{0: 'cat'}" },
      inputs: [{ name: 'images', type: 'float32', dims: ['batch', 3, 32, 64] }],
      outputs: [
        { name: 'boxes', type: 'float32', dims: [1, 2, 4] },
        { name: 'labels', type: 'int64', dims: [1, 'found'] },
      ],
      nodeCount: 7,
      operatorDomains: [''],
      initializerCount: 3,
      initializerBytes: 4 + 32 + 16,
      graphDepth: 1,
      externalData: [],
    })
  })

  test('is the same through a file', () => {
    const path = join(folder, 'tiny.onnx')
    writeFileSync(path, tiny)
    expect(readOnnxFile(path, tiny.length)).toEqual(readOnnxBytes(tiny, path))
  })

  test('a shape that is not declared stays absent; weights among the inputs are left out', () => {
    const bytes = writeOnnx({
      inputs: [{ name: 'x' }, { name: 'w', dims: [1] }],
      outputs: [{ name: 'y' }],
      nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
      initializers: [{ name: 'w', dims: [1], data: [0] }],
    })
    expect(readOnnxBytes(bytes, 'm').inputs).toEqual([{ name: 'x', type: 'float32' }])
  })
})

const nested = (depth: number): OnnxGraph => ({
  inputs: [],
  outputs: [{ name: 'y' }],
  nodes: [
    {
      op: 'If',
      inputs: ['c'],
      outputs: ['y'],
      ...(depth > 1 ? { attributes: { then_branch: nested(depth - 1) } } : {}),
    },
  ],
})

describe('what must not be loaded', () => {
  const code = (action: () => unknown) => {
    try {
      action()
    } catch (error) {
      if (error instanceof AppError) return error.code
      throw error
    }
    return 'none'
  }
  const identity = { op: 'Identity', inputs: ['x'], outputs: ['y'] }
  const graph = { inputs: [{ name: 'x' }], outputs: [{ name: 'y' }] }

  test('operators of a foreign domain, also inside nested graphs', () => {
    const custom = { ...identity, domain: 'evil.ops' }
    const plain = readOnnxBytes(writeOnnx({ ...graph, nodes: [custom] }), 'm.onnx')
    expect(
      code(() => {
        assertSafeOnnx(plain, 'm.onnx')
      }),
    ).toBe('E_MODEL_DOMAIN')
    const inner = { ...graph, nodes: [custom] }
    const outer = { ...identity, op: 'If', attributes: { then_branch: inner } }
    const hidden = readOnnxBytes(writeOnnx({ ...graph, nodes: [outer] }), 'm.onnx')
    expect(hidden.graphDepth).toBe(2)
    expect(
      code(() => {
        assertSafeOnnx(hidden, 'm.onnx')
      }),
    ).toBe('E_MODEL_DOMAIN')
  })

  test('graphs nested deeper than eight', () => {
    expect(readOnnxBytes(writeOnnx(nested(8)), 'm.onnx').graphDepth).toBe(8)
    expect(code(() => readOnnxBytes(writeOnnx(nested(9)), 'm.onnx'))).toBe('E_MODEL_NOT_ONNX')
  })

  test('weights in another file', () => {
    const header = readOnnxBytes(
      writeOnnx({
        ...graph,
        nodes: [identity],
        initializers: [{ name: 'w', dims: [2], data: [0, 0], external: 'weights.bin' }],
      }),
      'm.onnx',
    )
    expect(header.externalData).toEqual(['weights.bin'])
    expect(
      code(() => {
        assertSafeOnnx(header, 'm.onnx')
      }),
    ).toBe('E_MODEL_EXTERNAL_DATA')
  })

  test.each([
    ['nothing', new Uint8Array()],
    ['a text', new TextEncoder().encode('<!doctype html><title>404</title>')],
    ['a ZIP archive', Uint8Array.from([0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0])],
    ['zeros', new Uint8Array(1000)],
    ['half a model', tiny.subarray(0, tiny.length >> 1)],
    ['a model without graph', writeOnnx({ nodes: [], inputs: [], outputs: [] })],
  ])('%s is not ONNX', (_, bytes) => {
    expect(code(() => readOnnxBytes(bytes, 'm.onnx'))).toBe('E_MODEL_NOT_ONNX')
  })

  test('a text in its place is called one', () => {
    const page = new TextEncoder().encode('<!doctype html>\n<title>404</title>')
    expect(() => readOnnxBytes(page, 'm.onnx')).toThrow('m.onnx is not a readable ONNX model: it holds text')
  })

  test('every cut is either an error or a model whose outputs are all there', () => {
    for (let length = 0; length < tiny.length; length++) {
      const result = code(() => readOnnxBytes(tiny.subarray(0, length), 'm.onnx'))
      expect(['E_MODEL_NOT_ONNX', 'none']).toContain(result)
    }
  })

  test('mutated bytes never do more than raise an AppError', () => {
    const edits = fc.array(fc.tuple(fc.nat(tiny.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(edits, (changes) => {
        const bytes = tiny.slice()
        for (const [at, value] of changes) bytes[at] = value
        code(() => {
          assertSafeOnnx(readOnnxBytes(bytes, 'm.onnx'), 'm.onnx')
        })
      }),
      { numRuns: 3000 },
    )
  })

  test('random bytes never do more than raise an AppError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(code(() => readOnnxBytes(bytes, 'm.onnx'))).toMatch(/^(none|E_MODEL_)/)
      }),
      { numRuns: 2000 },
    )
  })
})

const shared = join(import.meta.dirname, '../../../../shared/data/models')
describe.skipIf(!existsSync(shared))(
  'real exports (skipped where ../shared/data is absent)',
  () => {
    test.each([
      ['yolox-nano', 'images', [1, 3, 416, 416], 369],
      ['ultraface-rfb-320', 'input', [1, 3, 240, 320], 242],
      ['picodet-s-320', 'image', [1, 3, 320, 320], 662],
    ])('%s', (name, input, dims, nodes) => {
      const path = join(shared, name, 'model.onnx')
      const header = readOnnxFile(path, statSync(path).size)
      expect(header.inputs).toEqual([{ name: input, type: 'float32', dims }])
      expect(header.nodeCount).toBe(nodes)
      expect(header.initializerBytes).toBeGreaterThan(0.8 * statSync(path).size - 300_000)
      expect(() => {
        assertSafeOnnx(header, path)
      }).not.toThrow()
    })
  },
)

import { writeOnnx } from './onnx-writer'
import type { OnnxModel, OnnxNode, OnnxTensor, OnnxType, OnnxValue } from './onnx-writer'

/** What a scripted model answers with, whatever the picture. */
export interface ScriptedOutput {
  readonly name: string
  readonly type?: OnnxType
  readonly dims: readonly number[]
  readonly data: readonly number[]
  /** Shape as declared in the file, where it shall differ from what a run returns. */
  readonly declared?: readonly (number | string)[]
}

export interface ScriptedModel {
  readonly input: OnnxValue
  readonly outputs: readonly ScriptedOutput[]
  readonly producer?: string
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * A tiny ONNX file that reads its picture and returns given tensors: constant + 0 * max(picture), so that the runtime
 * cannot do without the input.
 */
export function scriptedModel(script: ScriptedModel): Uint8Array {
  const nodes: OnnxNode[] = [
    ...pictureMaximum(script.input),
    { op: 'Mul', inputs: ['maximum', 'zero'], outputs: ['nothing'] },
    ...script.outputs.flatMap((output): OnnxNode[] => [
      {
        op: 'Cast',
        inputs: ['nothing'],
        outputs: [`${output.name}/nothing`],
        attributes: { to: castTarget[output.type ?? 'float32'] },
      },
      {
        op: 'Add',
        inputs: [`${output.name}/values`, `${output.name}/nothing`],
        outputs: [output.name],
      },
    ]),
  ]
  const initializers: OnnxTensor[] = [
    { name: 'zero', dims: [], data: [0] },
    ...script.outputs.map(({ name, type, dims, data }) => ({
      name: `${name}/values`,
      dims,
      data,
      ...(type === undefined ? {} : { type }),
    })),
  ]
  const model: OnnxModel = {
    nodes,
    initializers,
    inputs: [script.input],
    outputs: script.outputs.map(({ name, type, dims, declared }) => ({
      name,
      dims: declared ?? dims,
      ...(type === undefined ? {} : { type }),
    })),
    ...(script.producer === undefined ? {} : { producer: script.producer }),
    ...(script.metadata === undefined ? {} : { metadata: script.metadata }),
  }
  return writeOnnx(model)
}

const castTarget: Record<OnnxType, number> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  float16: 10,
}

function pictureMaximum(input: OnnxValue): OnnxNode[] {
  return [
    { op: 'Cast', inputs: [input.name], outputs: ['picture'], attributes: { to: 1 } },
    {
      op: 'ReduceMax',
      inputs: ['picture'],
      outputs: ['maximum'],
      attributes: { keepdims: 0 },
    },
  ]
}

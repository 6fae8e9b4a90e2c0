import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { modelCardMismatch } from '../../shared/model-errors'
import type { LoadedModel, Tensor } from '../../shared/plugin'
import { modelNotOnnx, modelOperator, modelRunFailed } from './model-errors'

// Weights listed among the inputs make the runtime warn once for each: hundreds of lines that mean nothing.
env.logLevel = 'fatal'

/** A session that knows no card: names and runs only. */
export interface OnnxSession extends Omit<LoadedModel, 'card'> {
  release(): Promise<void>
}

/**
 * Loads the model at `path` (never from bytes: then external data would be looked for in the working directory) on the
 * CPU. `label` names it in errors.
 * @throws AppError E_MODEL_OPERATOR, E_MODEL_NOT_ONNX
 */
export async function openOnnxSession(
  path: string,
  label: string,
  threads: number,
): Promise<OnnxSession> {
  const session = await createSession(path, label, threads)
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds) {
      const tensors = Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)] as const)
      const outputs = await session.run(Object.fromEntries(tensors)).catch((error: unknown) => {
        throw runFault(label, error)
      })
      return Object.fromEntries(
        Object.entries(outputs).map(([name, value]) => [name, fromOrt(label, name, value)]),
      )
    },
    release: () => session.release(),
  }
}

async function createSession(path: string, label: string, threads: number) {
  try {
    return await InferenceSession.create(path, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4, // errors are thrown: said once is enough
      // Threads that wait by spinning take the cores from whatever else runs: on a busy machine a run took twice as long.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    })
  } catch (error) {
    const reason = reasonOf(error).replaceAll(path, label)
    // The header was read before, so what the runtime finds unreadable is damage further in.
    const isDamaged = /protobuf parsing failed|invalid_protobuf/i.test(reason)
    throw isDamaged ? modelNotOnnx(label, reason, error) : modelOperator(label, reason, error)
  }
}

function toOrt({ data, dims }: Tensor): OrtTensor {
  if (data instanceof Float32Array) return new OrtTensor('float32', data, dims)
  if (data instanceof Uint8Array) return new OrtTensor('uint8', data, dims)
  if (data instanceof Int32Array) return new OrtTensor('int32', data, dims)
  return new OrtTensor('int64', data, dims)
}

/** The runtime's own memory, not copied. */
function fromOrt(label: string, name: string, value: OrtTensor): Tensor {
  const { data, dims, type } = value
  if (
    data instanceof Float32Array ||
    data instanceof Uint8Array ||
    data instanceof Int32Array ||
    data instanceof BigInt64Array
  ) {
    return { data, dims }
  }
  if (data instanceof Float64Array) return { data: Float32Array.from(data), dims }
  throw modelRunFailed(label, `output "${name}" has the type ${type}, which is not read here`)
}

function runFault(label: string, error: unknown) {
  const reason = reasonOf(error)
  return /invalid dimensions|invalid rank|unexpected input data type|missing input|required inputs|feed/i.test(
    reason,
  )
    ? modelCardMismatch(label, reason)
    : modelRunFailed(label, reason, error)
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replaceAll(/\s+/g, ' ').trim()
}

import { AppError } from './errors'

// What pure code finds wrong with a model: its card, or what a run returned. The rest is in engine/model-errors.ts.

export const modelCardInvalid = (where: string, reason: string, cause?: unknown) =>
  new AppError(
    'E_MODEL_CARD_INVALID',
    `${where}: ${reason}`,
    'Correct the card, or let `patchwarden models inspect FILE.onnx` propose one.',
    { cause },
  )

export const modelCardMismatch = (modelId: string, reason: string) =>
  new AppError(
    'E_MODEL_CARD_MISMATCH',
    `the card of model "${modelId}" contradicts the model: ${reason}`,
    'Compare the card with `patchwarden models inspect FILE.onnx` and correct it.',
  )

export const modelOutputShape = (modelId: string, expected: string, got: string) =>
  new AppError(
    'E_MODEL_OUTPUT_SHAPE',
    `model "${modelId}" returned ${got} where its card's output family expects ${expected}`,
    'The card names the wrong output family or input size: see `patchwarden models inspect FILE.onnx`.',
  )

export const modelOutputNotFinite = (modelId: string, tensor: string, value: number, at: number) =>
  new AppError(
    'E_MODEL_OUTPUT_NOT_FINITE',
    `model "${modelId}" returned ${value} in output "${tensor}" at position ${at}`,
    'The model overflows on this input: check range, mean and std of its card, or export it again in float32.',
  )

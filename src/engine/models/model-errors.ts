import { AppError } from '../../shared/errors'

export const modelNotFound = (path: string, cause?: unknown) =>
  new AppError(
    'E_MODEL_NOT_FOUND',
    `no model file at ${path}`,
    'Check the path; `patchwarden models list` shows the models that are here.',
    { cause },
  )

export const modelUnknown = (id: string, known: readonly string[], isInCatalog = false) =>
  new AppError(
    'E_MODEL_UNKNOWN',
    `no model is named "${id}"${isInCatalog ? ' (it is in the catalogue, but its file is not here)' : ''}`,
    [
      ...(isInCatalog ? [`\`patchwarden models pull ${id}\` downloads it.`] : []),
      known.length > 0
        ? `Known here: ${known.join(', ')}. A file is named by its path, FILE.onnx.`
        : 'Name a model file by its path, FILE.onnx, or add one with `patchwarden models add FILE.onnx`.',
    ].join(' '),
  )

export const modelNotOnnx = (path: string, reason: string, cause?: unknown) =>
  new AppError(
    'E_MODEL_NOT_ONNX',
    `${path} is not a readable ONNX model: ${reason}`,
    'Check that the file arrived whole and is an .onnx export (not a .pt, .tflite or an HTML page).',
    { cause },
  )

export const modelTooLarge = (path: string, what: string, limit: string) =>
  new AppError(
    'E_MODEL_TOO_LARGE',
    `${path} has ${what}, the limit is ${limit}`,
    'Use a smaller export of the model.',
  )

export const modelExternalData = (path: string, location: string) =>
  new AppError(
    'E_MODEL_EXTERNAL_DATA',
    `${path} keeps weights outside the model file, in "${location}"`,
    'Save it as one file: onnx.save(onnx.load("model.onnx"), "single.onnx") in Python.',
  )

export const modelLink = (path: string, reason: string) =>
  new AppError(
    'E_MODEL_LINK',
    `${path} ${reason}`,
    'Put a plain copy of the file in its place: links can lead outside the folder that was granted.',
  )

export const modelDomain = (path: string, domain: string) =>
  new AppError(
    'E_MODEL_DOMAIN',
    `${path} uses operators of the domain "${domain}"`,
    'Only standard operators run here (ai.onnx, ai.onnx.ml, com.microsoft): export the model without custom ones.',
  )

export const modelTooDeep = (path: string, limit: number) =>
  new AppError(
    'E_MODEL_NOT_ONNX',
    `${path} nests graphs deeper than ${limit}`,
    'Export the model without nested loops and conditions.',
  )

export const modelOperator = (path: string, reason: string, cause?: unknown) =>
  new AppError(
    'E_MODEL_OPERATOR',
    `${path} cannot be run here: ${reason}`,
    'Export it for a standard opset (11 to 21) without custom or training operators.',
    { cause },
  )

export const modelRunFailed = (modelId: string, reason: string, cause?: unknown) =>
  new AppError(
    'E_MODEL_RUN',
    `model "${modelId}" failed while it ran: ${reason}`,
    'Check input size, layout and type of its card with `patchwarden models inspect FILE.onnx`.',
    { cause },
  )

export const modelAmbiguous = (path: string, reason: string, open: readonly string[]) =>
  new AppError(
    'E_MODEL_AMBIGUOUS',
    `${path} has no card, and ${reason}`,
    [
      ...open,
      'Answer with `patchwarden models add FILE.onnx`, or put a card beside it (FILE.json).',
    ].join(' '),
  )

export const modelChecksum = (path: string, expected: string, actual: string) =>
  new AppError(
    'E_MODEL_CHECKSUM',
    `${path} has the SHA-256 ${actual}, its card says ${expected}`,
    'The file or its card was changed: fetch the model again, or add it anew.',
  )

/** From the fault of writing to the cache. */
export const modelNotCopied = ({ code, message, cause }: AppError) =>
  new AppError(
    code,
    message,
    'Models are copied there before they run. Free some space, or name another folder with XDG_CACHE_HOME.',
    { cause },
  )

export const modelExists = (id: string) =>
  new AppError(
    'E_MODEL_EXISTS',
    `the project already has another model named "${id}"`,
    'Choose another id with `--id`.',
  )

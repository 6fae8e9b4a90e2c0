import { AppError } from '../../shared/errors'

export const pullUnknown = (id: string, known: readonly string[], nearest?: string) =>
  new AppError(
    'E_MODEL_UNKNOWN',
    `the catalogue has no model "${id}"`,
    [
      ...(nearest === undefined ? [] : [`Did you mean ${nearest}?`]),
      known.length > 0
        ? `It has: ${known.join(', ')}.`
        : 'It is empty: add a file with `patchwarden models add FILE.onnx`.',
    ].join(' '),
  )

export const pullNoAddress = (id: string, reason: string) =>
  new AppError(
    'E_MODEL_NO_ADDRESS',
    `"${id}" cannot be downloaded: ${reason}`,
    `If you have the file, \`patchwarden models add FILE.onnx\` knows it by its digest; so does \`models pull ${id} --from FILE\`.`,
  )

export const pullExists = (id: string, place: string) =>
  new AppError(
    'E_MODEL_EXISTS',
    `another model is already named "${id}", in ${place}`,
    'It is not written over: move that folder away, or use another project with --project.',
  )

export const downloadAddress = (text: string, reason: string) =>
  new AppError(
    'E_DOWNLOAD_ADDRESS',
    `"${text}" cannot be downloaded from: ${reason}`,
    'Name an https:// or http:// address, or a file.',
  )

export const downloadBusy = (id: string, lock: string) =>
  new AppError(
    'E_DOWNLOAD_BUSY',
    `another Patchwarden is downloading "${id}"`,
    `Wait until it is done. If there is none, delete ${lock}.`,
  )

export const downloadOffline = (host: string, reason: string, cause?: unknown) =>
  new AppError(
    'E_DOWNLOAD_OFFLINE',
    `${host} cannot be reached: ${reason}`,
    'Check the connection. Behind a proxy, set HTTPS_PROXY; on a machine without a network, bring the file and use --from FILE.',
    { cause },
  )

export const downloadStatus = (address: string, status: number, reason: string) =>
  new AppError(
    'E_DOWNLOAD_STATUS',
    `${address} answered ${status}${reason === '' ? '' : ` ${reason}`}`,
    status >= 500 || status === 429
      ? 'The server is busy or broken: try again later, or name a mirror with --from URL.'
      : 'The file is no longer there, or not for everybody: name a mirror with --from URL, or a file with --from FILE.',
  )

export const downloadRedirect = (address: string, reason: string) =>
  new AppError(
    'E_DOWNLOAD_REDIRECT',
    `${address} was not followed: ${reason}`,
    'Name a mirror with --from URL, or a file with --from FILE.',
  )

export const downloadTimeout = (address: string, reason: string) =>
  new AppError(
    'E_DOWNLOAD_TIMEOUT',
    `${address}: ${reason}`,
    'The same command goes on where this one stopped; a mirror is named with --from URL.',
  )

export const downloadCut = (address: string, reason: string, cause?: unknown) =>
  new AppError(
    'E_DOWNLOAD_CUT',
    `the connection to ${address} broke again and again: ${reason}`,
    'The same command goes on where this one stopped; a mirror is named with --from URL.',
    { cause },
  )

export const downloadSize = (where: string, expected: number, got: string) =>
  new AppError(
    'E_DOWNLOAD_SIZE',
    `${where} has ${got}, the catalogue says ${expected} bytes`,
    'It is another file, an error page, or a pointer to the file (Git LFS): nothing was stored. Name a mirror with --from URL, or a file with --from FILE.',
  )

export const downloadChecksum = (where: string, expected: string, got: string) =>
  new AppError(
    'E_DOWNLOAD_CHECKSUM',
    `what ${where} gave has the SHA-256 ${got}, the catalogue says ${expected}`,
    'It is another file or was changed on the way: nothing was stored. Name a mirror with --from URL, or a file with --from FILE.',
  )

/** From the fault of writing what is downloaded. */
export const downloadNotWritten = ({ code, message, cause }: AppError, kept: boolean) =>
  new AppError(
    code,
    message,
    `Downloads and private copies are kept there: free some space, or name another folder with XDG_CACHE_HOME.${kept ? ' The same command goes on where this one stopped.' : ''}`,
    { cause },
  )

/** Several addresses, each with its own fault. */
export const downloadFailed = (id: string, faults: readonly AppError[]) => {
  const codes = new Set(faults.map(({ code }) => code))
  const [first] = faults
  return new AppError(
    codes.size === 1 && first !== undefined ? first.code : 'E_DOWNLOAD_FAILED',
    `none of ${faults.length} addresses gave "${id}": ${faults.map(({ message }) => message).join('; ')}`,
    'Check the connection, or name a mirror with --from URL, or a file with --from FILE.',
    { cause: faults },
  )
}

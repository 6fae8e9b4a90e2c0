import { AppError } from './errors'

/** Something worth telling about a picture that was accepted all the same. */
export interface ImageWarning {
  /** `W_…`, stable. */
  readonly code: string
  readonly message: string
}

/**
 * A path as one safe line: control characters, line breaks and direction overrides are shown as their code, because a
 * file name comes from strangers and ends up in terminals and reports.
 */
export function showPath(path: string): string {
  return path.replace(
    /[\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const leaveOut = 'Use another copy of the picture, or leave it out.'
const formats = 'JPEG, PNG, WebP, GIF, TIFF and BMP pictures can be read'

export const fileNotFound = (path: string, why?: string) =>
  new AppError(
    'E_FILE_NOT_FOUND',
    `There is no file or folder at ${showPath(path)}${why === undefined ? '' : `: ${why}`}.`,
    'Check the spelling and the folder that you are in; quote names that contain spaces.',
  )

export const fileUnreadable = (path: string, reason: string, cause?: unknown) =>
  new AppError(
    'E_FILE_UNREADABLE',
    `${showPath(path)} cannot be read: ${reason}.`,
    'Check that you have permission to read it and that its disk is connected.',
    { cause },
  )

export const folderUnreadable = (path: string, reason: string, cause?: unknown) =>
  new AppError(
    'E_FOLDER_UNREADABLE',
    `The folder ${showPath(path)} cannot be listed: ${reason}.`,
    'Check that you have permission to open the folder and that its disk is connected.',
    { cause },
  )

export const fileEmpty = (path: string) =>
  new AppError('E_FILE_EMPTY', `${showPath(path)} is empty: it holds 0 bytes.`, leaveOut)

export const fileNotRegular = (path: string, kind: string) =>
  new AppError(
    'E_FILE_NOT_REGULAR',
    `${showPath(path)} is ${kind}, not a file; it was not opened.`,
    'Give a picture file or a folder of pictures.',
  )

export const fileIsLink = (path: string) =>
  new AppError(
    'E_LINK',
    `${showPath(path)} is a link; links inside folders are not followed.`,
    'Give the file or folder that the link points to, if you want it.',
  )

export const pathInvalid = (path: string, reason: string) =>
  new AppError(
    'E_PATH_INVALID',
    `${showPath(path)} is not a path that can be opened: ${reason}.`,
    'Rename the file, or correct the name.',
  )

export const pathIsUrl = (path: string) =>
  new AppError(
    'E_PATH_IS_URL',
    `${showPath(path)} is an address, not a file; nothing is fetched from the network.`,
    'Download the pictures first and give their folder.',
  )

export const noImages = (path: string, recursive: boolean, passedOver: number) =>
  new AppError(
    'E_NO_IMAGES',
    `The folder ${showPath(path)} holds no pictures` +
      (passedOver > 0
        ? ` (${passedOver} other ${passedOver === 1 ? 'file was' : 'files were'} passed over).`
        : '.'),
    `${recursive ? '' : 'Pictures in folders inside it count only when listing is recursive. '}Picture names end in .jpg, .jpeg, .png, .webp, .gif, .tif, .tiff or .bmp.`,
  )

export const imageTruncated = (path: string, reason: string) =>
  new AppError('E_IMAGE_TRUNCATED', `${showPath(path)} ends early: ${reason}.`, leaveOut)

export const imageCorrupt = (path: string, reason: string) =>
  new AppError('E_IMAGE_CORRUPT', `${showPath(path)} is damaged: ${reason}.`, leaveOut)

export const imageUnknownFormat = (path: string, looksLike?: string) =>
  new AppError(
    'E_IMAGE_UNKNOWN_FORMAT',
    `${showPath(path)} is not a picture that can be read` +
      (looksLike === undefined
        ? ': its first bytes are of no known kind.'
        : `: it is ${looksLike}.`),
    `${formats}; the contents decide, not the name.`,
  )

export const imageUnsupported = (path: string, what: string) =>
  new AppError(
    'E_IMAGE_UNSUPPORTED',
    `${showPath(path)} is ${what}, which is not supported.`,
    `Convert it to PNG or JPEG first; ${formats}.`,
  )

export const imageTooLarge = (path: string, what: string, limit: string) =>
  new AppError(
    'E_IMAGE_TOO_LARGE',
    `${showPath(path)} is too large: ${what}, and the limit is ${limit}.`,
    'Make the picture smaller or cut it into tiles; nothing of it was decoded.',
  )

export const imageTimeout = (path: string, seconds: number) =>
  new AppError(
    'E_IMAGE_TIMEOUT',
    `${showPath(path)} took more than ${seconds} s to decode and was given up.`,
    'Save the picture again with another program, or leave it out.',
  )

export const maskSizeMismatch = (path: string, mask: Size, image: Size) =>
  new AppError(
    'E_MASK_SIZE_MISMATCH',
    `The mask ${showPath(path)} is ${mask.width}x${mask.height} pixels and its picture ${image.width}x${image.height}` +
      (mask.width === image.height && mask.height === image.width
        ? '; width and height are exchanged.'
        : '.'),
    'Give a mask of the size of the picture. It is never stretched silently.',
  )

export const diskFull = (path: string, cause?: unknown) =>
  new AppError(
    'E_DISK_FULL',
    `${showPath(path)} was not written: the disk is full.`,
    'Free some space or choose another folder. What stood there before is unchanged.',
    { cause },
  )

export const writeDenied = (path: string, reason: string, cause?: unknown) =>
  new AppError(
    'E_WRITE_DENIED',
    `${showPath(path)} was not written: ${reason}.`,
    'Choose a folder in which you may write. What stood there before is unchanged.',
    { cause },
  )

export const writeFailed = (path: string, reason: string, cause?: unknown) =>
  new AppError(
    'E_WRITE_FAILED',
    `${showPath(path)} was not written: ${reason}.`,
    'Check the disk and the folder, then try again. What stood there before is unchanged.',
    { cause },
  )

interface Size {
  readonly width: number
  readonly height: number
}

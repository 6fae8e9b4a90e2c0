import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'

const notUnpacked = 'Nothing was unpacked. '

export const archivePath = (archive: string, entry: string, reason: string) =>
  new AppError(
    'E_ARCHIVE_PATH',
    `${showPath(archive)} holds an entry named ${showPath(entry)}, which ${reason}.`,
    `${notUnpacked}Such archives are made to overwrite files; ask where this one came from.`,
  )

export const archiveLink = (archive: string, entry: string) =>
  new AppError(
    'E_ARCHIVE_LINK',
    `${showPath(archive)} holds a link, ${showPath(entry)}; links in archives are not made.`,
    `${notUnpacked}Pack the files themselves in place of links.`,
  )

export const archiveRatio = (archive: string, entry: string, what: string) =>
  new AppError(
    'E_ARCHIVE_RATIO',
    `${showPath(entry)} in ${showPath(archive)} ${what}.`,
    'Unpack the archive yourself, if you trust it, and import the folder.',
  )

export const archiveDuplicate = (archive: string, entry: string) =>
  new AppError(
    'E_ARCHIVE_DUPLICATE',
    `${showPath(archive)} holds the entry ${showPath(entry)} twice.`,
    `${notUnpacked}Which of them counts cannot be told: pack the archive again.`,
  )

export const archiveCorrupt = (archive: string, reason: string, cause?: unknown) =>
  new AppError(
    'E_ARCHIVE_CORRUPT',
    `${showPath(archive)} cannot be unpacked: ${reason}.`,
    'Fetch or pack the archive again; ZIP files without a password, stored or deflated, can be read.',
    { cause },
  )

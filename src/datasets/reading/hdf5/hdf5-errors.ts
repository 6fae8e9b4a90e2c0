import { AppError } from '../../../shared/errors'
import { showPath } from '../../../shared/image-errors'

export const hdf5Corrupt = (file: string, reason: string) =>
  new AppError(
    'E_HDF5_CORRUPT',
    `${showPath(file)} is no readable HDF5 file: ${reason}.`,
    'Copy or download the file again.',
  )

/** Well-formed, but with a feature of HDF5 that we do not read. */
export const hdf5Unsupported = (file: string, what: string) =>
  new AppError(
    'E_HDF5_CORRUPT',
    `${showPath(file)} cannot be read: it has ${what}.`,
    'Rewrite it in plain form, for example with "h5repack -l CONTI in.h5 out.h5".',
  )

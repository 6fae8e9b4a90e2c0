import type { FileSource } from '../../../shared/dataset'
import { readDataset, type Hdf5Dataset } from './dataset'
import { readLinks } from './group-links'
import { openHdf5 } from './open-hdf5'

/**
 * The data sets in the root group that have one of `names`, without their numbers. A few kilobytes are read.
 * @throws AppError E_FILE_EMPTY, E_HDF5_CORRUPT
 */
export async function findDatasets(
  files: FileSource,
  name: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, Hdf5Dataset>> {
  const file = await openHdf5(files, name)
  const links = await readLinks(file, file.root)
  const found = new Map<string, Hdf5Dataset>()
  for (const wanted of names) {
    const address = links.get(wanted)
    const dataset = address === undefined ? null : await readDataset(file, address)
    if (dataset) found.set(wanted, dataset)
  }
  return found
}

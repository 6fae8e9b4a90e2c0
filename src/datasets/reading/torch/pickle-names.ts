import type { ItemType } from '../number-items'
import { pickleForbidden } from './torch-errors'
import {
  encodeText,
  makeArray,
  makeDtype,
  makeScalar,
  rebuildTensor,
  type PickleHost,
} from './pickle-arrays'
import { PickleDict, PickleName, PickleTuple, type PickleValue } from './pickle-values'

type Make = (args: PickleTuple, host: PickleHost) => PickleValue

/** All names that a pickle may use and what a call of them gives. Nothing is ever looked up anywhere else. */
const allowed: ReadonlyMap<string, Make | null> = new Map<string, Make | null>([
  ['collections.OrderedDict', makeOrderedDict],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['_codecs.encode', encodeText],
  ['numpy.ndarray', null],
  ['numpy.dtype', makeDtype],
  ...['numpy.core.multiarray', 'numpy._core.multiarray'].flatMap((module): [string, Make][] => [
    [`${module}._reconstruct`, makeArray],
    [`${module}.scalar`, makeScalar],
  ]),
])

const storages: ReadonlyMap<string, ItemType> = new Map<string, ItemType>([
  ['torch.FloatStorage', 'f4'],
  ['torch.DoubleStorage', 'f8'],
  ['torch.HalfStorage', 'f2'],
  ['torch.BFloat16Storage', 'bf2'],
  ['torch.LongStorage', 'i8'],
  ['torch.IntStorage', 'i4'],
  ['torch.ShortStorage', 'i2'],
  ['torch.CharStorage', 'i1'],
  ['torch.ByteStorage', 'u1'],
  ['torch.BoolStorage', 'b1'],
])

/** @throws AppError E_PICKLE_FORBIDDEN for a name outside the table */
export function nameOf(module: string, name: string, file: string): PickleName {
  const full = `${module}.${name}`
  if (!allowed.has(full) && !storages.has(full)) throw pickleForbidden(file, full)
  return new PickleName(full)
}

/** The items of a storage class, or undefined if the value names none. */
export function storageType(value: PickleValue | undefined): ItemType | undefined {
  return value instanceof PickleName ? storages.get(value.name) : undefined
}

/** What a call gives. @throws AppError E_PICKLE_FORBIDDEN for what may be named but not called */
export function callName(callee: PickleValue, args: PickleValue, host: PickleHost): PickleValue {
  if (!(callee instanceof PickleName) || !(args instanceof PickleTuple)) {
    throw host.malformed('it calls something that is no function')
  }
  const make = allowed.get(callee.name)
  if (!make) throw pickleForbidden(host.file, `${callee.name}()`)
  return make(args, host)
}

function makeOrderedDict(args: PickleTuple, host: PickleHost): PickleDict {
  if (args.items.length > 0) throw host.malformed('an ordered dictionary is made in an unknown way')
  return new PickleDict()
}

import { z } from 'zod'
import type { PictureShape } from '../../shared/plugin'
import { AppError } from '../../shared/errors'
import {
  type Ablation,
  bandSetCount,
  blockAblation,
  columnAblation,
  multiColumnAblation,
  rowAblation,
} from './ablation'
import { positionCount } from './axis'

export const settingsSchema = z.object({
  ablation: z
    .enum(['columns', 'rows', 'blocks', 'multi-columns'])
    .default('columns')
    .describe(
      'What is kept in turn: a band of columns, of rows, a block, or several bands at once',
    ),
  band: z.int().min(1).default(4).describe('Columns, rows, or side of the block, in pixels'),
  retained: z.int().min(1).default(1).describe('Bands kept at once (multi-columns only)'),
  stride: z.int().min(1).default(1).describe('Only every stride-th position is used'),
  encoding: z
    .enum(['pair', 'mask-channel', 'zero-fill'])
    .default('pair')
    .describe('How the model tells hidden pixels: as it was trained'),
  vote: z
    .enum(['threshold', 'top-one'])
    .default('threshold')
    .describe('A vote for every class above theta, or for the best class alone'),
  theta: z.number().gt(0).max(1).default(0.2).describe('Softmax that a class needs for a vote'),
  sampling: z
    .enum(['all', 'random'])
    .default('all')
    .describe('All positions, which is exact, or positions drawn at random'),
  selection: z.int().min(1).default(100).describe('Random positions that choose the class'),
  estimation: z.int().min(1).default(1000).describe('Further random positions that bound it'),
  alpha: z.number().gt(0).lt(1).default(0.05).describe('Chance of a wrong statement (random only)'),
  seed: z.int().min(0).max(4_294_967_295).default(0).describe('Of the random numbers'),
  mapPatch: z
    .int()
    .min(0)
    .default(0)
    .describe('Patch size of the map over places, in pixels; 0: one more than is certified'),
})

export type Settings = z.output<typeof settingsSchema>

/** More sets of bands than anybody waits for. */
const MOST_POSITIONS = 1_000_000

/** @throws AppError E_SETTING_INVALID where the bands do not fit the picture */
export function ablationOf(settings: Settings, { height, width }: PictureShape): Ablation {
  const { ablation, band, stride, retained } = settings
  const axis = (length: number) => {
    if (band > length) throw misfit('band', band, `the picture has only ${length} pixels there`)
    if (stride > length) throw misfit('stride', stride, `the picture has only ${length} pixels`)
    return { length, band, stride }
  }
  switch (ablation) {
    case 'columns':
      return columnAblation(axis(width))
    case 'rows':
      return rowAblation(axis(height))
    case 'blocks': {
      const rows = axis(height)
      const columns = axis(width)
      const positions = positionCount(rows) * positionCount(columns)
      if (positions > MOST_POSITIONS) throw misfit('stride', stride, tooMany(positions))
      return blockAblation(rows, columns)
    }
    case 'multi-columns': {
      const set = { width: axis(width).length, band, retained }
      const positions = bandSetCount(set)
      if (positions === 0n) {
        throw misfit('retained', retained, `there are only ${Math.floor(width / band)} whole bands`)
      }
      if (positions > BigInt(MOST_POSITIONS)) {
        throw misfit('retained', retained, tooMany(positions))
      }
      return multiColumnAblation(set)
    }
  }
}

const tooMany = (positions: number | bigint): string =>
  `that makes ${String(positions)} positions; ${MOST_POSITIONS} are the most`

const misfit = (setting: string, value: number, reason: string) =>
  new AppError(
    'E_SETTING_INVALID',
    `derandomized-smoothing: setting ${setting} = ${value} is not usable: ${reason}`,
    'Give a value that fits the pictures of the model, as it was trained.',
  )

import {
  completeParts,
  shapeSets,
  type ProductOptions,
} from '../src/defenses/segment-and-complete/complete-product'
import { completeStrictly } from '../src/defenses/segment-and-complete/complete-strict'
import { seededRandom } from '../src/shared/random'
import { emptyMask, type Mask } from '../src/shared/vision'
import { printTable, quickest } from './measure'

/**
 * Times of the published code (PyTorch 1.13, one thread, AMD EPYC, median), as measured for the project's
 * specification: what it takes when the first rung accepts, and for an empty mask, where it tries all 15.
 */
const PUBLISHED_MS: Record<string, { first: number; empty: number }> = {
  '416x416': { first: 18.8, empty: 219 },
  '500x500': { first: 24.1, empty: 335 },
  '800x800': { first: 45.5, empty: 677 },
}

const SIZES = [125, 100, 75, 50, 25]
const product: ProductOptions = {
  shapes: 'squares',
  sizes: SIZES,
  aspects: [1, 1.5],
  ladder: { alpha: 0.9, beta: 0.7, rungs: 6 },
  components: true,
  closingRadius: 7,
  minArea: 16,
  keepRaw: true,
  grow: 3,
  minFill: 0,
}

/** Shape completion alone, one core: every kind of mask at 640x640, then the frames of the published code's times. */
export function benchCompletion(): void {
  const rows = Object.entries(masks(640, 640)).map(([name, mask]) => [
    name,
    ms(() => completeStrictly(mask, { sizes: SIZES })),
    ...shapeSets.map((shapes) => ms(() => completeParts(mask, { ...product, shapes }))),
  ])
  console.log(
    'Shape completion, 640x640, sides 125, 100, 75, 50, 25, milliseconds (limit 15, empty 1)\n',
  )
  printTable(['mask', 'exact', ...shapeSets.map((shapes) => `product, ${shapes}`)], rows)

  console.log('\nAgainst the published code (its times: PyTorch, one thread, another machine)\n')
  const against = Object.entries(PUBLISHED_MS).flatMap(([frame, published]) => {
    const side = Number(frame.split('x')[0])
    const { patch, empty } = masks(side, side)
    return [
      ['one patch', patch, published.first] as const,
      ['empty', empty, published.empty] as const,
    ].map(([name, mask, theirs]) => {
      const exact = quickest(() => completeStrictly(mask, { sizes: SIZES }))
      const ours = quickest(() => completeParts(mask, product))
      return [frame, name, theirs, exact, ours, theirs / exact, theirs / ours].map((value) =>
        typeof value === 'number' ? value.toFixed(2) : value,
      )
    })
  })
  printTable(
    ['frame', 'mask', 'published ms', 'exact ms', 'product ms', 'exact x', 'product x'],
    against,
  )
}

function ms(work: () => unknown): string {
  return quickest(work).toFixed(2)
}

/** Masks that are easy, usual and hostile. */
function masks(width: number, height: number): Record<string, Mask> & { patch: Mask; empty: Mask } {
  const random = seededRandom(1)
  const draw = (on: (x: number, y: number) => boolean): Mask => {
    const mask = emptyMask(width, height)
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) mask.bits[y * width + x] = on(x, y) ? 1 : 0
    }
    return mask
  }
  const inSquare = (x: number, y: number, left: number, top: number, side: number): boolean =>
    x >= left && x < left + side && y >= top && y < top + side
  const fromCentre = (x: number, y: number): number =>
    Math.max(Math.abs(x - width / 2), Math.abs(y - height / 2))
  return {
    empty: draw(() => false),
    patch: draw((x, y) => inSquare(x, y, 150, 120, 100) && random() < 0.97),
    'three patches': draw(
      (x, y) =>
        inSquare(x, y, 30, 40, 100) || inSquare(x, y, 300, 60, 75) || inSquare(x, y, 260, 300, 50),
    ),
    full: draw(() => true),
    'noise 50 %': draw(() => random() < 0.5),
    'noise 2 %': draw(() => random() < 0.02),
    'blobs of 20, gaps of 15': draw((x, y) => x % 35 < 20 && y % 35 < 20),
    'thin rings': draw((x, y) => Math.floor(fromCentre(x, y)) % 16 === 0),
    'thick rings': draw((x, y) => Math.floor(fromCentre(x, y)) % 32 < 16),
    stripes: draw((x) => x % 20 < 4),
    'diagonal band': draw((x, y) => Math.abs(x - y) < 40),
  }
}

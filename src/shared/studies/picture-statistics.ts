import type { RgbImage } from '../vision/image'

/** What `pictureStatistics` measures, for tables and tests. */
export const statisticsName = 'colour and gradient statistics of the picture (no model)'

const cells = 4
const directions = 6

/**
 * Plain features of a picture, for probes without a model: mean and deviation of red, green and blue in each cell of a 4x4
 * grid (0..1), then for the whole picture the share of gradient (central differences of brightness) in each of six
 * directions, and its mean strength. 103 values.
 */
export function pictureStatistics({ data, width, height }: RgbImage): Float32Array {
  const features: number[] = []
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      const [left, right] = edges(column, width)
      const [top, bottom] = edges(row, height)
      for (let channel = 0; channel < 3; channel++) {
        let [sum, squares] = [0, 0]
        for (let y = top; y < bottom; y++) {
          for (let x = left; x < right; x++) {
            const value = data[3 * (y * width + x) + channel]! / 255
            sum += value
            squares += value * value
          }
        }
        const count = (right - left) * (bottom - top)
        const mean = sum / count
        features.push(mean, Math.sqrt(Math.max(0, squares / count - mean * mean)))
      }
    }
  }
  return Float32Array.from([...features, ...gradients({ data, width, height })])
}

/** A cell has at least one pixel, also of pictures smaller than the grid. */
function edges(cell: number, size: number): [number, number] {
  const from = Math.min(size - 1, Math.floor((cell * size) / cells))
  return [from, Math.max(from + 1, Math.floor(((cell + 1) * size) / cells))]
}

function gradients({ data, width, height }: RgbImage): number[] {
  const strengths = new Array<number>(directions).fill(0)
  const brightness = (x: number, y: number): number => {
    const at = 3 * (y * width + x)
    return (0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!) / 255
  }
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const across = brightness(x + 1, y) - brightness(x - 1, y)
      const down = brightness(x, y + 1) - brightness(x, y - 1)
      // Which way an edge runs, not which side is bright: directions that differ by half a turn are one.
      const turn = (Math.atan2(down, across) / Math.PI + 1) % 1
      strengths[Math.min(directions - 1, Math.floor(turn * directions))]! += Math.hypot(
        across,
        down,
      )
    }
  }
  const sum = strengths.reduce((a, b) => a + b)
  const shares = strengths.map((value) => (sum === 0 ? 0 : value / sum))
  return [...shares, sum / Math.max(1, (width - 2) * (height - 2))]
}

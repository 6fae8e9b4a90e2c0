import { fineRandom } from '../../shared/random'
import { horizontalEdges, verticalEdges } from './flow'
import type { GridFlow, GridShape } from './flow'

/** A flow for every edge, drawn independently from the Laplace distribution with this scale, in double precision. */
export function laplaceFlow(random: () => number, shape: GridShape, scale: number): GridFlow {
  const uniform = fineRandom(random)
  const draw = (): number => {
    const size = -scale * Math.log(1 - uniform())
    return uniform() < 0.5 ? -size : size
  }
  return {
    vertical: new Float64Array(verticalEdges(shape)).map(draw),
    horizontal: new Float64Array(horizontalEdges(shape)).map(draw),
  }
}

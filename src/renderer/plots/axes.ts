import type { LinearScale } from './scale'
import { type Mark, text } from './scene'
import { type Ticks, tickText } from './ticks'

/** Horizontal grid lines with their figures at the left. */
export function heightAxis(
  ticks: Ticks,
  scale: LinearScale,
  left: number,
  right: number,
  unit = '',
): Mark[] {
  return ticks.values.flatMap((value, index): Mark[] => {
    const y = scale.at(value)
    const last = index === ticks.values.length - 1
    return [
      { kind: 'line', x1: left, x2: right, y1: y, y2: y, stroke: '--line' },
      text(withUnit(tickText(value, ticks), last, unit), left - 6, y + 4, { anchor: 'end' }),
    ]
  })
}

/** Figures below; vertical grid lines where `top` is given. */
export function widthAxis(
  ticks: Ticks,
  scale: LinearScale,
  bottom: number,
  options: { readonly top?: number; readonly unit?: string } = {},
): Mark[] {
  const { top, unit = '' } = options
  return ticks.values.flatMap((value, index): Mark[] => {
    const x = scale.at(value)
    const last = index === ticks.values.length - 1
    const figure = text(withUnit(tickText(value, ticks), last, unit), x, bottom + 16, {
      anchor: 'middle',
    })
    return top === undefined
      ? [figure]
      : [{ kind: 'line', x1: x, x2: x, y1: top, y2: bottom, stroke: '--line' }, figure]
  })
}

/** The unit stands once, at the last figure, with a thin space. */
function withUnit(figure: string, last: boolean, unit: string): string {
  return last && unit !== '' ? `${figure}\u2009${unit}` : figure
}

/** Figures of an axis: rising, equally far from each other, all with the same number of decimals. */
export interface Ticks {
  readonly values: readonly number[]
  readonly decimals: number
}

/**
 * Round figures (1, 2 or 5 times a power of ten apart) from the first at or below `low` to the first at or above `high`, so
 * that no mark is drawn beyond the axis.
 * @param count about how many steps are wanted
 */
export function niceTicks(low: number, high: number, count: number): Ticks {
  const from = Math.min(low, high)
  const to = Math.max(low, high)
  const step = niceStep(extentOf(from, to), Math.max(1, count))
  const first = Math.floor(from / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(to / step - 1e-9))
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  const values = Array.from({ length: last - first + 1 }, (_, index) =>
    // The product of whole numbers and a step such as 0.1 is off in the last place: 3 * 0.1.
    Number(((first + index) * step).toFixed(decimals)),
  )
  return { values, decimals }
}

/** Values that differ by less than a billionth are one value: an axis around it is wanted all the same. */
function extentOf(from: number, to: number): number {
  if (to - from > 1e-9) return to - from
  return Math.abs(to) > 1e-9 ? Math.abs(to) : 1
}

function niceStep(extent: number, count: number): number {
  const rough = extent / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const share = rough / power
  const factor = share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10
  return factor * power
}

/** From the first to the last tick. */
export function tickDomain({ values }: Ticks): readonly [number, number] {
  return [values[0] ?? 0, values.at(-1) ?? 1]
}

export function tickText(value: number, { decimals }: Pick<Ticks, 'decimals'>): string {
  const figure = Math.abs(value).toLocaleString('en', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  })
  return value < 0 && Number(figure) !== 0 ? `−${figure}` : figure
}

/** A rectangle of hidden pixels: columns `x <= … < x + width`, rows `y <= … < y + height`. */
export interface HiddenRectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/**
 * At most `perAxis * perAxis` rectangles (PatchCleanser's R-covering masks) such that every patch of `patch` pixels or less,
 * wherever it is, lies inside at least one. Row by row from the top left. A patch larger than the frame counts as one of
 * its size.
 */
export function coveringMasks(
  frame: { readonly width: number; readonly height: number },
  patch: { readonly width: number; readonly height: number },
  perAxis: number,
): HiddenRectangle[] {
  const rows = coveringIntervals(frame.height, patch.height, perAxis)
  const columns = coveringIntervals(frame.width, patch.width, perAxis)
  return rows.starts.flatMap((y) =>
    columns.starts.map((x) => ({ x, y, width: columns.length, height: rows.length })),
  )
}

/**
 * Intervals of one length such that every run of `patch` pixels out of `frame` lies inside one. A run that begins at i lies
 * in the interval that begins at the last start <= i, because starts are at most `length - patch + 1` apart.
 */
function coveringIntervals(
  frame: number,
  patch: number,
  count: number,
): { readonly starts: readonly number[]; readonly length: number } {
  const run = Math.min(patch, frame)
  const stride = Math.ceil((frame - run + 1) / count)
  const length = Math.min(run + stride - 1, frame)
  const last = frame - length
  const starts: number[] = []
  for (let start = 0; start < last; start += stride) starts.push(start)
  return { starts: [...starts, last], length }
}

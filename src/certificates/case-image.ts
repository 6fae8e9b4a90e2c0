import type { PictureShape, SmoothingPicture } from '../shared/plugin'

/**
 * A case's [channel][row][column] bytes as a picture.
 * @throws RangeError where rows or channels differ in size, or from the size that the case gives
 */
export function pictureOf(
  channels: readonly (readonly (readonly number[])[])[],
  given: Partial<PictureShape> = {},
): SmoothingPicture {
  const [firstRows = []] = channels
  const height = firstRows.length
  const width = firstRows[0]?.length ?? 0
  const isEven = channels.every(
    (rows) => rows.length === height && rows.every((row) => row.length === width),
  )
  if (!isEven) throw new RangeError('image_uint8: its rows or channels differ in size')
  const shape = { channels: channels.length, height, width }
  for (const side of ['channels', 'height', 'width'] as const) {
    const said = given[side]
    if (said !== undefined && said !== shape[side]) {
      throw new RangeError(`image_uint8: ${shape[side]} ${side} where ${said} are given`)
    }
  }
  return { ...shape, data: Uint8Array.from(channels.flat().flat()) }
}

/** One sample of a batch as [channel][row][column]. */
export function nested(
  values: ArrayLike<number>,
  { channels, height, width }: PictureShape,
): number[][][] {
  return Array.from({ length: channels }, (_, c) =>
    Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => values[(c * height + y) * width + x]!),
    ),
  )
}

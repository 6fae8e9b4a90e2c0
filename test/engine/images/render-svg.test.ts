import { expect, test } from 'vitest'
import { decodeImageBytes } from '../../../src/engine/images/decode-image'
import { sharp } from '../../../src/engine/images/guarded-sharp'
import { renderSvg } from '../../../src/engine/images/render-svg'

const drawing = (side: number) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><rect width="100%" height="100%" fill="#f00"/></svg>`

test('many drawings at once are all rendered', async () => {
  const sides = Array.from({ length: 24 }, (_, k) => 8 + 40 * (k % 5))
  const pictures = await Promise.all(sides.map((side) => renderSvg(drawing(side))))
  for (const [k, png] of pictures.entries()) {
    const { image } = await decodeImageBytes(png, 'drawing.png')
    expect([image.width, image.height]).toEqual([sides[k], sides[k]])
    expect([...image.data.subarray(0, 3)]).toEqual([255, 0, 0])
  }
})

test('the SVG reader is closed again afterwards, after a failure too', async () => {
  await renderSvg(drawing(8))
  await expect(renderSvg('<svg')).rejects.toThrow()
  await expect(
    sharp(Buffer.from(drawing(8)))
      .png()
      .toBuffer(),
  ).rejects.toThrow('unsupported')
})

test('a picture is laid over the drawing where it belongs', async () => {
  const blue = await renderSvg(drawing(4).replace('#f00', '#00f'))
  const png = await renderSvg(drawing(20), [{ png: blue, x: 5, y: 6, size: 8 }])
  const { image } = await decodeImageBytes(png, 'drawing.png')
  const pixel = (x: number, y: number) => [
    ...image.data.subarray(3 * (20 * y + x), 3 * (20 * y + x) + 3),
  ]
  expect(pixel(4, 6)).toEqual([255, 0, 0])
  expect(pixel(5, 6)).toEqual([0, 0, 255])
  expect(pixel(12, 13)).toEqual([0, 0, 255])
  expect(pixel(13, 13)).toEqual([255, 0, 0])
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { modelInputSchema } from '../../../src/shared/model-card'
import { planResize } from '../../../src/shared/vision/resize'
import { imageToTensor } from '../../../src/shared/vision/to-tensor'

const cardInput = (fields: object) =>
  modelInputSchema.parse({
    name: 'images',
    width: 4,
    height: 4,
    range: 255,
    channelOrder: 'rgb',
    resize: 'stretch',
    ...fields,
  })

function picture(width: number, height: number) {
  const data = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        data[3 * (y * width + x) + c] = 37 * x + 91 * y + 53 * c + x * y * c * 17
      }
    }
  }
  return { data, width, height }
}

/** cv2.resize (OpenCV 5.0.0, 8 bit) of picture(7, 5): HWC bytes. */
const golden = [
  {
    interpolation: 'linear',
    width: 5,
    height: 3,
    hex: '265c815998808d7ec49fbaa1a06d4bbdc635585dc825c05b5923888d87815574a5897754bcad9d468d6e794bb7',
  },
  {
    interpolation: 'area',
    width: 5,
    height: 3,
    hex: '2f66805f9e789385c09cb59a9180498da054658e92588578775983898f78526d96827d54a19c8852966c815da7',
  },
  {
    interpolation: 'linear',
    width: 4,
    height: 5,
    hex: '0e43784f84b98fc4f9d0653a69a480aae35cea61d82bc054c4a6470582df451eb7867a6f1f674f60e182a09b96e195897a68b7bb80461b58943c50a3',
  },
  {
    interpolation: 'area',
    width: 4,
    height: 5,
    hex: '10457a4f84b98fc4d4ce71386ba776aabb5dc560b229bd51c69c4d2a83b8454690847769216c4960b95ca0996fdf9e817c60b2bb826d447f963a589a',
  },
  {
    interpolation: 'linear',
    width: 9,
    height: 6,
    hex: '00356a194d82356a9f5287bc6fa4d98cc1f6a8dd84c5a52fde13484479ae5d9a587ac14896bd79b34faad075da829c7d4aad3c62a46590c565a98c5a838c7d4da6a36a85758642bc6853745585496eaf8671a6468a774e6482872ea7ab4b904168599d84756ca18e57ba7ba6285d92406f495da24a7abf6f97724c82878d90c163adb364c646c76ca1d6853c9ea1385ebe8a56dbdcdd31669c147f5c317c714a17e4',
  },
  {
    interpolation: 'area',
    width: 9,
    height: 6,
    hex: '00356a1a4f84356a9f4f84b96fa4d98fc4f9a9de81c4af2ede1348497eb363a24e7ec64298cd70b849a6d774de7d98793fae395aad6791c762ac875a85897e47a8aa678774863ac267527155804570ae8674a9448e7350677f872aa7b84992426951a783736a9e8d51b87ca623588d3d753e58a84772cc75926a42868d9499c762b4bf5cce49c56ca1d686359ba1375fbb8249dbdcdd1f5b9615815b3083684a17e4',
  },
] as const

describe('resizing', () => {
  test.each(golden)("$interpolation to $width x $height is OpenCV's", ({ hex, ...fields }) => {
    const image = picture(7, 5)
    const input = cardInput({ ...fields, layout: 'nhwc', type: 'uint8' })
    const { data } = imageToTensor(image, input, planResize(input, 7, 5))
    const expected = Uint8Array.from(Buffer.from(hex, 'hex'))
    expect(data.length).toBe(expected.length)
    const differences = expected.map((value, i) => Math.abs(value - data[i]!))
    // OpenCV rounds the last pixels of a row otherwise than those it vectorises: on this tiny picture, many are last.
    expect(Math.max(...differences)).toBeLessThanOrEqual(1)
    expect(differences.filter(Boolean).length).toBeLessThan(0.06 * expected.length)
  })

  test('a flat picture stays flat, whatever the size and kernel', () => {
    const side = fc.integer({ min: 1, max: 24 })
    const kernel = fc.constantFrom('linear', 'area')
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        kernel,
        fc.nat(255),
        (w, h, width, height, interpolation, v) => {
          const input = cardInput({ width, height, interpolation, type: 'uint8' })
          const image = { data: new Uint8Array(3 * w * h).fill(v), width: w, height: h }
          const { data } = imageToTensor(image, input, planResize(input, w, h))
          expect(Math.max(...data.map((value) => Math.abs(value - v)))).toBeLessThanOrEqual(1)
        },
      ),
    )
  })
})

describe('layout and normalisation', () => {
  const image = picture(4, 4)

  test('normalises in model channel order, planes one after the other', () => {
    const input = cardInput({
      range: 1,
      mean: [0.1, 0.2, 0.3],
      std: [0.5, 0.25, 0.125],
      channelOrder: 'bgr',
    })
    const { data, dims } = imageToTensor(image, input, planResize(input, 4, 4))
    expect(dims).toEqual([1, 3, 4, 4])
    const at = 3 * (2 * 4 + 1)
    expect(data[9]).toBeCloseTo((image.data[at + 2]! / 255 - 0.1) / 0.5, 5)
    expect(data[16 + 9]).toBeCloseTo((image.data[at + 1]! / 255 - 0.2) / 0.25, 5)
    expect(data[32 + 9]).toBeCloseTo((image.data[at]! / 255 - 0.3) / 0.125, 5)
  })

  test('nhwc is nchw with the axes moved, with and without border', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (w, h) => {
        const fields = { width: 6, height: 5, resize: 'letterbox', anchor: 'center', pad: 114 }
        const planar = cardInput({ ...fields, mean: [1, 2, 3] })
        const packed = cardInput({ ...fields, mean: [1, 2, 3], layout: 'nhwc' })
        const plan = planResize(planar, w, h)
        const a = imageToTensor(picture(w, h), planar, plan).data
        const b = imageToTensor(picture(w, h), packed, plan).data
        for (let i = 0; i < 30; i++) {
          for (let c = 0; c < 3; c++) expect(b[3 * i + c]).toBe(a[30 * c + i])
        }
      }),
    )
  })

  test('the border holds the normalised pad value, also in an array used before', () => {
    const input = cardInput({ resize: 'letterbox', width: 8, pad: 114, mean: [14, 14, 14] })
    const out = new Float32Array(3 * 8 * 4).fill(7)
    const { data } = imageToTensor(image, input, planResize(input, 4, 4), out)
    expect(data).toBe(out)
    for (let y = 0; y < 4; y++)
      expect(Array.from(data.subarray(8 * y + 4, 8 * y + 8))).toEqual([100, 100, 100, 100])
    expect(data[0]).toBe(image.data[0]! - 14)
  })

  test('refuses a wrong plan or output array, and leaves the image as it was', () => {
    const input = cardInput({})
    const plan = planResize(input, 4, 4)
    expect(() => imageToTensor(picture(5, 4), input, plan)).toThrow(RangeError)
    expect(() => imageToTensor(image, input, plan, new Float32Array(47))).toThrow(RangeError)
    expect(() => imageToTensor(image, input, plan, new Uint8Array(48))).toThrow(RangeError)
    expect(image.data).toEqual(picture(4, 4).data)
  })
})

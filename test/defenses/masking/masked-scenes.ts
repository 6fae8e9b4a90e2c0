import fc from 'fast-check'
import type { HiddenRectangle } from '../../../src/defenses/masking/covering-masks'
import type { HalfMask } from '../../../src/defenses/masking/half-masks'
import type { Frame } from '../../../src/defenses/masking/hidden-margins'
import type { MaskedDetections } from '../../../src/defenses/masking/masked-detections'
import {
  objectSeekerParams,
  type ObjectSeekerSettings,
} from '../../../src/defenses/masking/objectseeker-settings'
import type { DefenseHost, Detector } from '../../../src/shared/plugin'
import type { BoxXyxy, Detection, RgbImage } from '../../../src/shared/vision'

// Pictures in which a detector can tell what is hidden and what an attacker wrote, and nothing else.

export const CLEAN = 100
export const HIDDEN = 0
export const PATCH = 255

export const cleanImage = ({ width, height }: Frame): RgbImage => ({
  data: new Uint8Array(3 * width * height).fill(CLEAN),
  width,
  height,
})

/** The picture with the pixels of a patch written over; what lies outside the frame is lost. */
export function patched(
  frame: Frame,
  x: number,
  y: number,
  width: number,
  height: number,
): RgbImage {
  const image = cleanImage(frame)
  for (let row = Math.max(0, y); row < Math.min(frame.height, y + height); row++) {
    for (let column = Math.max(0, x); column < Math.min(frame.width, x + width); column++) {
      image.data.fill(PATCH, 3 * (row * frame.width + column), 3 * (row * frame.width + column) + 3)
    }
  }
  return image
}

/** The picture with the rectangles hidden. */
export function withHidden(image: RgbImage, hidden: readonly HiddenRectangle[]): RgbImage {
  const data = image.data.slice()
  for (const { x, y, width, height } of hidden) {
    for (let row = y; row < y + height; row++) {
      data.fill(HIDDEN, 3 * (row * image.width + x), 3 * (row * image.width + x + width))
    }
  }
  return { ...image, data }
}

/** Which pixels are hidden, as text: the key of what the detector answers on a clean masked picture. */
export function hiddenKey({ data }: RgbImage): string {
  let key = ''
  for (let i = 0; i < data.length; i += 3) key += data[i] === HIDDEN ? '#' : '.'
  return key
}

/** A detector that answers from a table wherever no pixel of a patch is to be seen, and elsewhere what the attacker wants. */
export function attackedDetector(
  clean: (image: RgbImage) => readonly Detection[],
  attacker: (image: RgbImage) => readonly Detection[],
): Detector {
  return {
    classNames: ['cat', 'dog'],
    detect: (image) => Promise.resolve(image.data.includes(PATCH) ? attacker(image) : clean(image)),
  }
}

export const settingsOf = (settings: Partial<ObjectSeekerSettings>): ObjectSeekerSettings =>
  objectSeekerParams.parse(settings)

const sides = ['top', 'bottom', 'left', 'right'] as const

export const frames = (most: number): fc.Arbitrary<Frame> =>
  fc.record({
    width: fc.integer({ min: 1, max: most }),
    height: fc.integer({ min: 1, max: most }),
  })

/** A box with area inside the frame, on half pixels. */
export function boxesIn({ width, height }: Frame): fc.Arbitrary<BoxXyxy> {
  const pair = (length: number): fc.Arbitrary<[number, number]> =>
    fc
      .tuple(fc.integer({ min: 0, max: 2 * length - 1 }), fc.integer({ min: 1, max: 2 * length }))
      .map(([from, size]) => [from / 2, Math.min(length, (from + size) / 2)])
  return fc.tuple(pair(width), pair(height)).map(([[x1, x2], [y1, y2]]) => [x1, y1, x2, y2])
}

export const detectionsIn = (frame: Frame): fc.Arbitrary<Detection> =>
  fc.record({
    box: boxesIn(frame),
    score: fc.constantFrom(0.75, 0.8, 0.9, 1),
    classId: fc.constantFrom(0, 1),
  })

const cuts = ({ side, line }: HalfMask, { width, height }: Frame): boolean =>
  line < (side === 'top' || side === 'bottom' ? height : width)

/** What is seen on masks of any lines, not only even ones: the certificate holds for these too. */
export const answersIn = (frame: Frame): fc.Arbitrary<MaskedDetections[]> =>
  fc
    .array(
      fc.record({
        mask: fc.record({
          side: fc.constantFrom(...sides),
          line: fc.integer({ min: 1, max: Math.max(frame.width, frame.height) }),
        }),
        detections: fc.array(detectionsIn(frame), { maxLength: 3 }),
      }),
      { maxLength: 12 },
    )
    .map((answers) => answers.filter(({ mask }) => cuts(mask, frame)))

/** These defenses need nothing of the engine; whoever asks is told. */
export const noHost: DefenseHost = {
  models: { load: () => Promise.reject(new Error('no model is needed')) },
  inpaint: () => Promise.reject(new Error('no inpainting is needed')),
}

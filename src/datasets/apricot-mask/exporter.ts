import { z } from 'zod'
import type { ContentImage, DatasetContent } from '../../shared/dataset'
import { defineDatasetExporter } from '../../shared/plugin'
import type { Mask } from '../../shared/vision/mask'
import { decodeRle } from '../../shared/vision/rle'
import { encodeMaskPng } from '../reading/mask-png'
import { lastPart } from '../reading/pictures'
import { FileStems } from '../writing/file-stems'
import {
  countLosses,
  imageAttributes,
  lostOfImages,
  lostOfObjects,
  scores,
} from '../writing/losses'
import { maskOfObject } from '../writing/object-shapes'

export default defineDatasetExporter({
  id: 'apricot-mask',
  name: 'Patch masks as PNG',
  summary: 'One PNG for each picture with patches: 255 in the patches, 0 elsewhere.',
  params: z.object({
    bits: z
      .enum(['8', '1'])
      .default('8')
      .describe('Bits a pixel: 8 opens everywhere, 1 makes smaller files'),
  }),
  fileName: null,
  losses: (content) => countLosses(content, rules),
  write(content, sink, { bits }) {
    for (const { name, image } of namedImages(content)) {
      const mask = patchMask(image)
      if (!mask) continue
      const file = sink.file(name)
      file.write(encodeMaskPng(mask, bits === '1' ? 1 : 8))
      file.close()
    }
  },
})

const rules = [
  lostOfObjects('objects', 'Objects other than patches are left out.', ({ isPatch }) => !isPatch),
  lostOfObjects(
    'boxes-without-mask',
    'Patches that have a box but no mask are left out.',
    (object, image) => object.isPatch && !maskOfObject(object, image),
  ),
  lostOfImages(
    'images-without-masks',
    'Pictures without patch masks get no file.',
    (image) => patchMask(image) === null,
  ),
  lostOfImages(
    'separate-patches',
    'The patches of one picture become one mask.',
    (image) => image.objects.filter((one) => one.isPatch && maskOfObject(one, image)).length > 1,
  ),
  lostOfObjects(
    'attributes',
    'Names, targets and other attributes of patches are left out.',
    ({ isPatch, attributes }) => isPatch && Object.keys(attributes).length > 0,
  ),
  scores,
  imageAttributes,
]

/** All patches of a picture in one mask; null if none has pixels or the picture has none. */
function patchMask(image: ContentImage): Mask | null {
  const { width, height } = image
  let bits: Uint8Array | null = null
  for (const object of image.objects) {
    const rle = object.isPatch ? maskOfObject(object, image) : null
    if (rle?.width !== width || rle.height !== height || width * height === 0) continue
    const one = decodeRle(rle).bits
    if (bits === null) bits = one
    else for (let i = 0; i < bits.length; i++) bits[i]! |= one[i]!
  }
  return bits && { width, height, bits }
}

/** `<split>/<base name>.png`; pictures of one split and base name keep their endings or get a number. */
function* namedImages(content: DatasetContent) {
  const stems = new Map<string, FileStems>()
  for (const image of content.images()) {
    const split = image.split ?? ''
    const taken = stems.get(split) ?? new FileStems()
    stems.set(split, taken)
    const stem = taken.take(lastPart(image.file))
    yield { name: `${split === '' ? '' : `${split}/`}${stem}.png`, image }
  }
}

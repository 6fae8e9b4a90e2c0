import { z } from 'zod'
import type { ContentImage, ContentObject, DatasetContent, FolderSink } from '../../shared/dataset'
import { defineDatasetExporter } from '../../shared/plugin'
import { numberToText } from '../reading/number-text'
import { rleToCrop } from '../reading/mask-crops'
import { xmlElement, xmlTag } from '../reading/xml-write'
import { writtenShape } from '../writing/object-shapes'
import { cvatLosses } from './losses'
import { rounded } from './rounding'

export default defineDatasetExporter({
  id: 'cvat',
  name: 'CVAT for images 1.1',
  summary: 'One XML document of boxes, polygons and masks for all pictures.',
  reference: 'https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/',
  fileName: 'annotations.xml',
  params: z.object({}),
  losses: cvatLosses,
  write(content: DatasetContent, sink: FolderSink) {
    const names = new Map(content.categories.map(({ id, name }) => [id, name]))
    const file = sink.file('annotations.xml')
    file.write('<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n')
    file.write(metaText(content))
    let index = 0
    for (const image of content.images()) {
      file.write(imageText(image, index, names))
      index++
    }
    file.write('</annotations>\n')
    file.close()
  },
})

function metaText(content: DatasetContent): string {
  const size = Iterator.from(content.images()).reduce((count) => count + 1, 0)
  const labels = content.categories.map(
    ({ name }) => `        <label>${xmlElement('name', name)}<attributes></attributes></label>\n`,
  )
  return [
    '  <meta>\n    <task>\n',
    `      ${xmlElement('name', content.name)}\n`,
    `      ${xmlElement('size', size)}\n`,
    '      <mode>annotation</mode>\n      <labels>\n',
    ...labels,
    '      </labels>\n    </task>\n  </meta>\n',
  ].join('')
}

function imageText(image: ContentImage, id: number, names: ReadonlyMap<number, string>): string {
  const { file, width, height, split, label } = image
  const start = xmlTag(
    'image',
    { id, name: file, ...(split === null ? {} : { subset: split }), width, height },
    true,
  )
  const tag =
    label === undefined ? '' : `    ${xmlTag('tag', { label: label.name, source: 'manual' })}\n`
  const shapes = image.objects.map((object) => `    ${shapeText(object, image, names)}\n`)
  return `  ${start}\n${tag}${shapes.join('')}  </image>\n`
}

function shapeText(
  object: ContentObject,
  image: ContentImage,
  names: ReadonlyMap<number, string>,
): string {
  const { categoryId, attributes } = object
  const common = {
    label: names.get(categoryId) ?? `class ${categoryId}`,
    source: 'manual',
    occluded: attributes['occluded'] === true ? 1 : 0,
  }
  const whole = (name: string) => {
    const value = attributes[name]
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
  }
  const order = { z_order: whole('z_order') ?? 0, group_id: whole('group_id') }
  const written = writtenShape(object, image)
  const [x, y, width, height] = written.box
  if (written.kind === 'polygon') {
    return xmlTag('polygon', { ...common, points: pointsText(written.points), ...order })
  }
  if (written.kind === 'box') {
    const corners = {
      xtl: decimals(x),
      ytl: decimals(y),
      xbr: decimals(x + width),
      ybr: decimals(y + height),
    }
    return xmlTag('box', { ...common, ...corners, ...order })
  }
  const rle = rowRuns(rleToCrop(written.mask, written.box).bits).join(', ')
  return xmlTag('mask', { ...common, rle, left: x, top: y, width, height, ...order })
}

function pointsText(points: readonly number[]): string {
  const pairs: string[] = []
  for (let i = 0; i + 1 < points.length; i += 2) {
    pairs.push(`${decimals(points[i]!)},${decimals(points[i + 1]!)}`)
  }
  return pairs.join(';')
}

/** Two decimals, as CVAT writes them; large numbers in full. */
function decimals(value: number): string {
  const text = numberToText(rounded(value))
  const [whole = '', fraction = ''] = text.split('.')
  return `${whole}.${fraction.padEnd(2, '0')}`
}

/** Lengths of runs in turn background, foreground, …; the first is 0 if the first pixel is set. */
function rowRuns(bits: Uint8Array): readonly number[] {
  const runs: number[] = []
  let start = 0
  let bit = 0
  for (let i = 0; i < bits.length; i++) {
    if (bits[i] === bit) continue
    runs.push(i - start)
    start = i
    bit = 1 - bit
  }
  runs.push(bits.length - start)
  return runs
}

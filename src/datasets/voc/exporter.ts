import { z } from 'zod'
import type { FolderSink } from '../../shared/dataset'
import { defineDatasetExporter } from '../../shared/plugin'
import { labelsFile, labelsList } from '../reading/labels-list'
import { xmlElement } from '../reading/xml-write'
import { unspecified, vocFlags } from './annotation'
import {
  type ExportedImage,
  exportedImages,
  type ExportedObject,
  isListableSplit,
} from './exported-images'
import { vocLosses } from './losses'
import { maskPictures } from './mask-pictures'

const params = z.object({
  masks: z.boolean().default(true).describe('Write polygons and masks as palette pictures'),
})
export type VocParams = z.infer<typeof params>

export default defineDatasetExporter({
  id: 'voc',
  name: 'Pascal VOC',
  summary:
    'One XML file of named boxes in whole pixels for each picture, with masks as palette pictures.',
  reference: 'http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html',
  fileName: null,
  params,
  losses: vocLosses,
  write(content, sink, { masks }) {
    const names = new Map(content.categories.map(({ id, name }) => [id, name]))
    writeFile(sink, labelsFile, labelsList([...names.values()]))
    const splits = new Map<string, string[]>()
    for (const exported of exportedImages(content)) {
      const { image, stem } = exported
      const pictures = masks ? maskPictures(exported, content) : null
      writeFile(sink, `Annotations/${stem}.xml`, document(exported, names, pictures !== null))
      if (pictures !== null) {
        writeFile(sink, `SegmentationObject/${stem}.png`, pictures.byObject)
        writeFile(sink, `SegmentationClass/${stem}.png`, pictures.byClass)
      }
      if (image.split === null || !isListableSplit(image.split) || /[\r\n]/.test(stem)) continue
      const list = splits.get(image.split)
      if (list === undefined) splits.set(image.split, [stem])
      else list.push(stem)
    }
    for (const split of [...splits.keys()].sort()) {
      const stems = splits.get(split) ?? []
      writeFile(sink, `ImageSets/Main/${split}.txt`, stems.map((stem) => `${stem}\n`).join(''))
    }
  },
})

function writeFile(sink: FolderSink, name: string, content: string | Uint8Array): void {
  const file = sink.file(name)
  file.write(content)
  file.close()
}

function document(
  { image, objects }: ExportedImage,
  names: ReadonlyMap<number, string>,
  isSegmented: boolean,
): string {
  const slash = image.file.lastIndexOf('/')
  return [
    '<annotation>',
    `  ${xmlElement('folder', image.file.slice(0, Math.max(0, slash)))}`,
    `  ${xmlElement('filename', image.file.slice(slash + 1))}`,
    '  <size>',
    `    ${xmlElement('width', image.width)}`,
    `    ${xmlElement('height', image.height)}`,
    '    <depth>3</depth>',
    '  </size>',
    `  ${xmlElement('segmented', isSegmented ? 1 : 0)}`,
    ...objects.flatMap((object) => objectLines(object, names)),
    '</annotation>',
    '',
  ].join('\n')
}

function objectLines(
  { object, corners }: ExportedObject,
  names: ReadonlyMap<number, string>,
): readonly string[] {
  const { attributes, categoryId } = object
  const pose = attributes['pose']
  const [xmin, ymin, xmax, ymax] = corners
  return [
    '  <object>',
    `    ${xmlElement('name', names.get(categoryId) ?? `class ${categoryId}`)}`,
    `    ${xmlElement('pose', typeof pose === 'string' ? pose : unspecified)}`,
    ...vocFlags.map((flag) => `    ${xmlElement(flag, attributes[flag] === true ? 1 : 0)}`),
    '    <bndbox>',
    ...Object.entries({ xmin, ymin, xmax, ymax }).map(
      ([name, value]) => `      ${xmlElement(name, value)}`,
    ),
    '    </bndbox>',
    '  </object>',
  ]
}

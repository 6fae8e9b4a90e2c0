/** How the data set looks in which a hostile file is met, and which importer meets it. */
export interface HostileLayout {
  importer(name: string): { readonly format: string; readonly params?: object }
  /** Pairs of a file of the hostile folder and its place in the data set. */
  files(name: string): readonly (readonly [from: string, to: string])[]
  /** Files that the format wants beside them, by name. */
  readonly texts?: Readonly<Record<string, string>>
  /** The file that the user names; null for the folder. */
  entry(name: string): string | null
}

const pictures = ['good.jpg', 'good.png', 'exif-6.jpg'].map(
  (name) => [`images/${name}`, name] as const,
)

/** One photograph of APRICOT with one patch all over it. */
const apricot = JSON.stringify({
  images: [{ id: 1, file_name: 'good.jpg', width: 48, height: 32 }],
  categories: [],
  patches: [{ id: 0, name: 'frc1', adv_target: 53 }],
  annotations: [{ id: 1, image_id: 1, category_id: 12, bbox: [0, 0, 48, 32], patch_id: 0 }],
})
const masksLayout = (folder: string): HostileLayout => ({
  importer: () => ({ format: 'apricot-mask' }),
  files: (name) => [
    [`${folder}/${name}`, `masks/dev/good.${name.split('.').at(-1) ?? ''}`],
    ['images/good.jpg', 'Images/dev/good.jpg'],
  ],
  texts: { 'Annotations/apricot_dev_all_annotations.json': apricot },
  entry: () => null,
})

export const hostileLayouts: Readonly<Record<string, HostileLayout>> = {
  images: {
    importer: () => ({ format: 'folder' }),
    files: (name) => [[`images/${name}`, name]],
    entry: () => null,
  },
  archives: {
    importer: () => ({ format: 'folder' }),
    files: () => [],
    entry: () => null,
  },
  coco: {
    importer: (name) => ({ format: name.startsWith('apricot-') ? 'apricot' : 'coco' }),
    files: (name) => [[`coco/${name}`, name], ...pictures],
    entry: (name) => name,
  },
  yolo: {
    importer: () => ({ format: 'yolo' }),
    files: (name) => [
      [`yolo/${name}`, 'labels/good.txt'],
      ['images/good.png', 'images/good.png'],
    ],
    texts: { 'data.yaml': 'names: [first, second]\n' },
    entry: () => null,
  },
  voc: {
    importer: () => ({ format: 'voc' }),
    files: (name) => [
      [`voc/${name}`, `Annotations/${name}`],
      ['images/good.jpg', 'JPEGImages/good.jpg'],
    ],
    entry: () => null,
  },
  csv: {
    importer: (name) => ({ format: name === 'open-images.csv' ? 'open-images' : 'box-table' }),
    files: (name) => [
      [`csv/${name}`, name],
      ['images/good.jpg', 'good.jpg'],
    ],
    entry: (name) => name,
  },
  masks: masksLayout('masks'),
  torch: masksLayout('torch'),
  hdf5: {
    importer: () => ({ format: 'om-imagenet' }),
    files: (name) => [[`hdf5/${name}`, `train/${name}`]],
    entry: () => null,
  },
}

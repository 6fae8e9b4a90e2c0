import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll } from 'vitest'
import { demoScenes } from '../../src/datasets/drawn-scenes'
import { renderSvg, toJpeg } from '../../src/engine/images/render-svg'
import { permanentFolder } from './permanent-folder'

/**
 * A folder for the tests of a file, with the first scenes of the demonstration in `photos/`: 640 x 480 pixels, the
 * second and third with a patch, free of other people's rights.
 */
export function folderWithPhotos(count: number): {
  readonly root: string
  readonly photos: string
} {
  const root = permanentFolder('test')
  const photos = join(root, 'photos')
  beforeAll(async () => {
    mkdirSync(photos)
    const scenes = demoScenes().slice(0, count)
    if (scenes.length < count) throw new RangeError(`there are ${scenes.length} scenes`)
    for (const { scene, patch } of scenes) {
      const overlays = patch ? [{ ...patch, png: Buffer.from(patch.png, 'base64') }] : []
      const picture = await toJpeg(await renderSvg(scene.svg, overlays), 90)
      writeFileSync(join(photos, `${scene.name}.jpg`), picture)
    }
  })
  return { root, photos }
}

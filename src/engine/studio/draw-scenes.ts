import { join } from 'node:path'
import { demoScenes } from '../../datasets/drawn-scenes'
import { writeFileAtomic } from '../files/write-file'
import { renderSvg, toJpeg } from '../images/render-svg'

const JPEG_QUALITY = 95

/** Renders the drawn scenes, some with a patch in them. Answers the names of the files, in the order of the scenes. */
export async function drawScenes(folder: string): Promise<{ readonly names: readonly string[] }> {
  const names: string[] = []
  for (const { scene, patch } of demoScenes()) {
    const overlays = patch ? [{ ...patch, png: Buffer.from(patch.png, 'base64') }] : []
    const picture = await toJpeg(await renderSvg(scene.svg, overlays), JPEG_QUALITY)
    const name = `${scene.name}${patch ? '-patched' : ''}.jpg`
    await writeFileAtomic(join(folder, name), picture)
    names.push(name)
  }
  return { names }
}

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoScenes } from '../../../src/datasets/drawn-scenes'
import { renderSvg, toJpeg } from '../../../src/engine/images/render-svg'

export interface SceneFile {
  readonly name: string
  readonly path: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The first scenes of the demonstration as JPEG files: 640 x 480 pixels, the second and third with a patch. */
export async function drawScenes(folder: string, count: number): Promise<SceneFile[]> {
  mkdirSync(folder, { recursive: true })
  const scenes = demoScenes().slice(0, count)
  if (scenes.length < count) throw new RangeError(`there are ${scenes.length} scenes`)
  const files: SceneFile[] = []
  for (const { scene, patch } of scenes) {
    const overlays = patch ? [{ ...patch, png: Buffer.from(patch.png, 'base64') }] : []
    const bytes = Uint8Array.from(await toJpeg(await renderSvg(scene.svg, overlays), 90))
    const name = `${scene.name}.jpg`
    writeFileSync(join(folder, name), bytes)
    files.push({ name, path: join(folder, name), bytes })
  }
  return files
}

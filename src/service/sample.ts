import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../engine/files/write-file'
import { demoScenes } from '../datasets/drawn-scenes'
import type { Context } from './context'

/** Below the folder of a project: the drawn scenes of the first run. */
export const sampleFolder = ({ project }: Context) => join(project.folder, 'sample')

/** Draws the scenes where they are not there yet. Answers their folder. */
export async function drawSample(context: Context, signal?: AbortSignal): Promise<string> {
  const folder = sampleFolder(context)
  if (existsSync(join(folder, 'annotations.json'))) return folder
  const { names } = await context.gallery.ask('scenes', { folder: join(folder, 'images') }, signal)
  await writeFileAtomic(join(folder, 'annotations.json'), JSON.stringify(annotationsOf(names)))
  return folder
}

/** One of them, as workers take it. */
export async function sampleScene(context: Context, signal?: AbortSignal) {
  const folder = await drawSample(context, signal)
  const [first] = demoScenes()
  const name = `${first?.scene.name ?? ''}-patched.jpg`
  return { path: name, source: join(folder, 'images', name) }
}

/** What is known of the scenes, because they were drawn: their objects, and where the patches are. */
function annotationsOf(names: readonly string[]) {
  const scenes = demoScenes()
  const labels = [
    ...new Set(scenes.flatMap(({ scene }) => scene.objects.map(({ label }) => label))),
  ].sort()
  const patchId = labels.length + 1
  const annotations: object[] = []
  scenes.forEach(({ scene, patch }, k) => {
    const common = { image_id: k + 1, iscrowd: 0 }
    for (const {
      box: [x1, y1, x2, y2],
      label,
    } of scene.objects) {
      const bbox = [x1, y1, x2 - x1, y2 - y1]
      const id = annotations.length + 1
      const category_id = labels.indexOf(label) + 1
      annotations.push({ id, ...common, category_id, bbox, area: (x2 - x1) * (y2 - y1) })
    }
    if (!patch) return
    const { x, y, size } = patch
    const bbox = [x, y, size, size]
    const segmentation = [[x, y, x + size, y, x + size, y + size, x, y + size]]
    const id = annotations.length + 1
    annotations.push({ id, ...common, category_id: patchId, bbox, area: size * size, segmentation })
  })
  return {
    images: scenes.map(({ scene: { width, height } }, k) => ({
      id: k + 1,
      file_name: `images/${names[k] ?? ''}`,
      ...{ width, height },
    })),
    categories: [
      ...labels.map((name, k) => ({ id: k + 1, name })),
      { id: patchId, name: 'adversarial patch' },
    ],
    annotations,
  }
}

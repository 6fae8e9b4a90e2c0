import { join } from 'node:path'
import { Command, Option } from 'commander'
import { drawScene } from '../datasets/drawn-scenes'
import { renderSvg, toJpeg } from '../engine/images/render-svg'
import { writeFileAtomic } from '../engine/files/write-file'
import type { Environment } from './environment'
import { wholeNumber } from './options'
import { Progress } from './progress'

interface ScenesFlags {
  readonly out: string
  readonly count: number
  readonly seed: number
}

const JPEG_QUALITY = 92

/** Drawn pictures with true boxes: free of other people's rights, as many as wanted. */
export function scenesCommand(environment: Environment): Command {
  return new Command('scenes')
    .description('draws sample scenes with COCO annotations')
    .requiredOption('--out <dir>', 'folder for images/ and annotations.json')
    .addOption(
      new Option('--count <n>', 'how many').argParser(wholeNumber(1, 1_000_000)).default(24),
    )
    .addOption(
      new Option('--seed <n>', 'seed of the first; the others follow')
        .argParser(wholeNumber(0, 2 ** 31))
        .default(1),
    )
    .action(async ({ out, count, seed }: ScenesFlags) => {
      const progress = new Progress('scenes', count)
      const images = []
      const objects = []
      for (let k = 0; k < count; k++) {
        environment.signal.throwIfAborted()
        const scene = drawScene(seed + k)
        const file = `${scene.name}.jpg`
        await writeFileAtomic(
          join(out, 'images', file),
          await toJpeg(await renderSvg(scene.svg), JPEG_QUALITY),
        )
        images.push({ id: k + 1, file_name: file, width: scene.width, height: scene.height })
        for (const object of scene.objects) objects.push({ image: k + 1, ...object })
        progress.update(k + 1, 0)
      }
      progress.clear()
      const labels = [...new Set(objects.map((object) => object.label))].sort()
      const document = {
        images,
        categories: labels.map((name, k) => ({ id: k + 1, name })),
        annotations: objects.map(({ image, box: [x1, y1, x2, y2], label }, k) => ({
          id: k + 1,
          image_id: image,
          category_id: labels.indexOf(label) + 1,
          bbox: [x1, y1, x2 - x1, y2 - y1],
          area: (x2 - x1) * (y2 - y1),
          iscrowd: 0,
        })),
      }
      await writeFileAtomic(join(out, 'annotations.json'), JSON.stringify(document))
      process.stderr.write(`${count} scenes with ${objects.length} objects written to ${out}\n`)
    })
}

import { cpSync, linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Ended, packageRoot, patchwarden, type ProgramOptions } from './program'

export const fixtures = join(packageRoot, 'test/fixtures')

/** The command line with a project of its own. */
export function withProject(project: string) {
  const env = { PATCHWARDEN_PROJECT: project }
  return {
    env,
    run: (args: readonly string[], options: ProgramOptions = {}): Promise<Ended> =>
      patchwarden(args, { ...options, env: { ...env, ...options.env } }),
    /** Runs a command that must succeed, and reads what it prints as JSON. */
    json: async (args: readonly string[]): Promise<unknown> => {
      const ended = await patchwarden([...args, '--json'], { env })
      expect(ended.stderr).not.toContain('error ')
      expect(ended.code).toBe(0)
      return JSON.parse(ended.stdout)
    },
  }
}

/** The three pictures of the format fixtures with their COCO annotations, in a new folder: 3 objects and 2 patches. */
export function cocoFolder(folder: string): string {
  mkdirSync(folder, { recursive: true })
  cpSync(join(fixtures, 'formats/images'), folder, { recursive: true })
  cpSync(join(fixtures, 'formats/coco/annotations.json'), join(folder, 'annotations.json'))
  return folder
}

/** A COCO data set of many tiny pictures that share their bytes. */
export function manyPictures(folder: string, count: number): string {
  mkdirSync(folder, { recursive: true })
  const first = join(folder, '0.png')
  cpSync(join(fixtures, 'formats/images/none.png'), first)
  for (let k = 1; k < count; k++) linkSync(first, join(folder, `${k}.png`))
  const images = Array.from({ length: count }, (_, k) => ({
    id: k + 1,
    file_name: `${k}.png`,
    width: 40,
    height: 40,
  }))
  const annotations = images.flatMap(({ id }) =>
    [1, 2].map((n) => ({
      id: 2 * id + n,
      image_id: id,
      category_id: n,
      bbox: [n, id % 20, 10, 10],
      area: 100,
      iscrowd: 0,
    })),
  )
  const categories = [
    { id: 1, name: 'cat' },
    { id: 2, name: 'dog' },
  ]
  writeFileSync(
    join(folder, 'annotations.json'),
    JSON.stringify({ images, categories, annotations }),
  )
  return folder
}

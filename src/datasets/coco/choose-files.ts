import type { FileSource } from '../../shared/dataset'
import { type Look, lookAt } from './look'

export interface ChosenFile {
  readonly name: string
  readonly look: Look
}

/**
 * The annotation files of an import: the one that the user named, whatever it holds, or all below the root that look like
 * COCO detection or its results. Files of other tasks, such as keypoints, repeat images and are taken only where nothing
 * else is there. After `limit` JSON files without any of these, the rest is not looked at.
 */
export async function chooseFiles(
  files: FileSource,
  limit = Infinity,
): Promise<readonly ChosenFile[]> {
  if (files.entry !== null) return [{ name: files.entry, look: await lookAt(files, files.entry) }]
  const chosen: ChosenFile[] = []
  let passedOver = 0
  for await (const name of files.list()) {
    if (!isJsonName(name)) continue
    const look = await lookAt(files, name)
    if (look !== 'unrelated') chosen.push({ name, look })
    else if (++passedOver >= limit && chosen.length === 0) break
  }
  const hasDetection = chosen.some(({ look }) => look === 'detection')
  return hasDetection ? chosen.filter(({ look }) => look !== 'other-task') : chosen
}

/** "._x.json" holds what macOS could not store in x.json. */
function isJsonName(name: string): boolean {
  return /\.json$/i.test(name) && !/(?:^|\/)\._[^/]*$/.test(name)
}

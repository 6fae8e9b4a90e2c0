import { join } from 'node:path'
import { expect, test } from 'vitest'
import { spawnNodeWorker } from '../../src/engine/spawn-worker'
import { Reader } from '../../src/service/reader/reader'
import { openProject } from '../../src/store'
import { temporaryFolder } from '../engine/temporary-folder'

const parent = temporaryFolder()

test('a project that could not be opened is tried again by the next question', async () => {
  const folder = join(parent, 'later')
  const reader = new Reader(folder, spawnNodeWorker)
  try {
    await expect(reader.ask('results.summary', {})).rejects.toMatchObject({
      code: 'E_PROJECT_NOT_FOUND',
    })
    await (await openProject(folder)).close()
    expect(await reader.ask('results.summary', {})).toMatchObject({ images: 0 })
  } finally {
    reader.close()
  }
})

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { spawnNodeWorker } from '../../src/engine/spawn-worker'
import { Reader } from '../../src/service/reader/reader'
import { openProject } from '../../src/store'
import { temporaryFolder } from '../engine/temporary-folder'

const parent = temporaryFolder()

test('who still waits for a turn when it is closed starts no process', async () => {
  let started = 0
  const reader = new Reader(join(parent, 'none'), (...asked) => {
    started++
    return spawnNodeWorker(...asked)
  })
  const asked = [reader.ask('results.summary', {}), reader.ask('results.summary', {})]
  const answers = Promise.allSettled(asked)
  await new Promise((resolve) => setTimeout(resolve))
  reader.close()
  expect((await answers).map((one) => one.status)).toEqual(['rejected', 'rejected'])
  await expect(asked[1]).rejects.toMatchObject({ code: 'E_BACKEND_GONE' })
  expect(started).toBe(1)
})

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

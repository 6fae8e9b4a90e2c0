import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openModelStore } from '../../../src/engine/models/model-store'
import { serve } from '../../support/file-server'
import { digest, largeModel } from '../../support/pull-fixture'
import { canMount, withTinyDisk } from '../../support/tiny-disk'
import { failure, other, usePulling } from './pulling'

const pulling = usePulling()
const { expectNothingStored, partOf, pull, served } = pulling

describe('what is stored already', () => {
  const cardPath = () => join(pulling.files.projectDir, 'models/pets/model.json')
  const modelPath = () => join(pulling.files.projectDir, 'models/pets/model.onnx')

  test('another model of that name is left alone', async () => {
    const { requests } = await served(serve(largeModel))
    await pull()
    const card = { ...JSON.parse(readFileSync(cardPath(), 'utf8')), sha256: digest(other) } as object
    pulling.files.write('project/models/pets/model.onnx', other)
    pulling.files.write('project/models/pets/model.json', card)
    for (const force of [false, true]) {
      expect(await failure(pull({ force }))).toMatchObject({ code: 'E_MODEL_EXISTS' })
    }
    expect(requests).toHaveLength(1)
    expect(digest(readFileSync(modelPath()))).toBe(digest(other))
  })

  test('a damaged file is put right; a card that its owner changed stays', async () => {
    await served(serve(largeModel))
    await pull()
    const card = { ...JSON.parse(readFileSync(cardPath(), 'utf8')), scoreThreshold: 0.25 } as object
    pulling.files.write('project/models/pets/model.json', card)
    pulling.files.write('project/models/pets/model.onnx', other)
    expect(await pull()).toMatchObject({ source: 'cache' })
    const { card: now } = await (await openModelStore(pulling.files)).resolve('pets')
    expect(now.scoreThreshold).toBe(0.25)
    expect(digest(readFileSync(modelPath()))).toBe(digest(largeModel))
  })

  test.each([
    ['is no JSON', '{'],
    ['names another model', JSON.stringify({ id: 'cats' })],
  ])('a card that %s is written anew', async (_, text) => {
    await served(serve(largeModel))
    await pull()
    writeFileSync(cardPath(), text)
    await pull()
    expect((await (await openModelStore(pulling.files)).resolve('pets')).card.id).toBe('pets')
  })
})

describe('places that cannot be written', () => {
  test('a download of another process is waited for; what a dead one left is taken over', async () => {
    await served(serve(largeModel))
    mkdirSync(dirname(partOf()), { recursive: true })
    writeFileSync(`${partOf()}.lock`, String(process.pid))
    expect(await failure(pull())).toMatchObject({ code: 'E_DOWNLOAD_BUSY' })
    writeFileSync(`${partOf()}.lock`, '999999999')
    expect(await pull()).toMatchObject({ source: 'download' })
  })

  test('a file in the way of the cache', async () => {
    await served(serve(largeModel))
    pulling.files.write('cache', new Uint8Array(1))
    const error = await failure(pull())
    expect(error).toMatchObject({ code: 'E_WRITE_FAILED' })
    expect(error.hint).toContain('XDG_CACHE_HOME')
  })

  test.skipIf(process.platform === 'win32' || process.geteuid?.() === 0)(
    'a folder without the right to write (skipped for the superuser, who has it everywhere)',
    async () => {
      await served(serve(largeModel))
      mkdirSync(pulling.files.cacheDir, { mode: 0o500 })
      expect(await failure(pull())).toMatchObject({ code: 'E_WRITE_DENIED' })
    },
  )

  test.skipIf(!canMount)('a full disk (needs the right to mount)', async () => {
    const { requests } = await served(serve(largeModel))
    await withTinyDisk(128, async (cacheDir) => {
      pulling.move({ cacheDir })
      const error = await failure(pull())
      expect(error).toMatchObject({ code: 'E_DISK_FULL' })
      expect(error.hint).toContain('goes on where this one stopped')
      expectNothingStored()
    })
    expect(requests, 'another address or try would not help').toHaveLength(1)
  })
})

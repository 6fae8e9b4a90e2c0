import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ThumbnailCache } from '../../src/store'
import { Db } from '../../src/store/db'
import { temporaryFolder } from '../engine/temporary-folder'

const sha = (k: number): string => String(k).padStart(64, '0')
const picture = (length: number, fill = 7): Buffer => Buffer.alloc(length, fill)

test('gives back what was put, by picture and size', () => {
  const folder = temporaryFolder()
  {
    using cache = new ThumbnailCache(folder)
    cache.put(sha(1), 128, picture(100, 1))
    cache.put(sha(1), 256, picture(100, 2))
    cache.put(sha(1), 128, picture(50, 3))
  }
  using cache = new ThumbnailCache(folder)
  expect(cache.get(sha(1), 128)).toEqual(picture(50, 3))
  expect(cache.get(sha(1), 256)).toEqual(picture(100, 2))
  expect(cache.get(sha(2), 128)).toBeUndefined()
  expect(cache.bytes).toBe(150)
})

test('stays below its limit: the longest unused goes first', () => {
  const folder = temporaryFolder()
  using cache = new ThumbnailCache(folder, { maxBytes: 1000 })
  for (let k = 0; k < 5; k++) cache.put(sha(k), 1, picture(200))
  const db = new Db(join(folder, 'cache.sqlite'))
  db.run('UPDATE thumbnails SET used_ms = used_ms - 7200000') // as if two hours had passed
  expect(cache.get(sha(0), 1)).toBeDefined()
  cache.put(sha(9), 1, picture(400))
  expect([0, 1, 2, 3, 4, 9].filter((k) => cache.get(sha(k), 1))).toEqual([0, 3, 4, 9])
  expect(cache.bytes).toBe(1000)
  cache.put(sha(10), 1, picture(1001))
  expect(cache.get(sha(10), 1)).toBeUndefined()
  expect(cache.bytes).toBe(1000)
  db.close()
})

test('clearing gives the disk its room back', () => {
  const folder = temporaryFolder()
  using cache = new ThumbnailCache(folder)
  const onDisk = (): number =>
    ['', '-wal'].reduce((sum, end) => sum + statSync(join(folder, `cache.sqlite${end}`)).size, 0)
  for (let k = 0; k < 50; k++) cache.put(sha(k), 256, picture(20_000))
  expect(onDisk()).toBeGreaterThan(1e6)
  cache.clear()
  expect(cache.bytes).toBe(0)
  expect(cache.get(sha(3), 256)).toBeUndefined()
  expect(onDisk()).toBeLessThan(1e5)
  cache.put(sha(1), 256, picture(100))
  expect(cache.bytes).toBe(100)
})

test.each(['damaged', 'of another layout', 'deleted'])('a cache that is %s begins anew', (what) => {
  const folder = temporaryFolder()
  const path = join(folder, 'cache.sqlite')
  {
    using cache = new ThumbnailCache(folder)
    cache.put(sha(1), 1, picture(10))
  }
  if (what === 'damaged') writeFileSync(path, 'garbage'.repeat(1000))
  else if (what === 'deleted') rmSync(path)
  else {
    const db = new Db(path)
    db.pragma('user_version = 77')
    db.close()
  }
  using cache = new ThumbnailCache(folder)
  expect(cache.get(sha(1), 1)).toBeUndefined()
  cache.put(sha(1), 1, picture(10))
  expect(cache.get(sha(1), 1)).toEqual(picture(10))
  expect(existsSync(path)).toBe(true)
})

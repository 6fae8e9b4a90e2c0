import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../../../src/engine/files/make-folder'
import { permanentFolder } from '../../support/permanent-folder'

const root = permanentFolder('folders')

test('makes what is missing, and takes what is there', () => {
  const deep = join(root, 'a/b/c')
  makeFolder(deep)
  makeFolder(`${deep}/`)
  makeFolder(join(root, 'a/../d/./e'))
  expect(statSync(deep).isDirectory()).toBe(true)
  expect(statSync(join(root, 'd/e')).isDirectory()).toBe(true)
})

test('says where a file is in the way', () => {
  writeFileSync(join(root, 'file'), '')
  expect(() => {
    makeFolder(join(root, 'file'))
  }).toThrow('EEXIST')
  expect(() => {
    makeFolder(join(root, 'file/below'))
  }).toThrow('ENOTDIR')
})

// Where Node's own recursive mkdir goes round in circles until memory ends.
test.skipIf(process.platform !== 'linux')('gives up where none can be made (Linux: /proc)', () => {
  expect(() => {
    makeFolder('/proc/patchwarden/a/b')
  }).toThrow('ENOENT')
  mkdirSync(join(root, 'after'))
})

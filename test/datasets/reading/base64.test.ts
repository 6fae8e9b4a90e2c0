import fc from 'fast-check'
import { expect, test } from 'vitest'
import { base64ToBytes, bytesToBase64 } from '../../../src/datasets/reading/base64'

const data = fc.uint8Array({ maxLength: 300 })

test('writes what others write, and reads it back', () => {
  fc.assert(
    fc.property(data, (bytes) => {
      const text = bytesToBase64(bytes)
      expect(text).toBe(Buffer.from(bytes).toString('base64'))
      expect(base64ToBytes(text)).toEqual(bytes)
      expect(base64ToBytes(text.replace(/=+$/, ''))).toEqual(bytes)
      expect(base64ToBytes(`data:image/png;base64,${text.replace(/(.{7})/g, '$1\r\n ')}`)).toEqual(
        bytes,
      )
    }),
  )
})

test('takes nothing else', () => {
  for (const text of [
    'A',
    'AAAAA',
    'AA=A',
    'AAA==',
    'AAAA=',
    'A===',
    '====',
    'AB==',
    'AA-_',
    'é',
    '%%%%',
    'AAAA====',
  ]) {
    expect(base64ToBytes(text), text).toBeNull()
  }
  expect(base64ToBytes('')).toEqual(new Uint8Array())
})

test('long data does not overflow', () => {
  const bytes = new Uint8Array(300_000).fill(7)
  expect(base64ToBytes(bytesToBase64(bytes))).toEqual(bytes)
})

import { expect, test } from 'vitest'
import { judge, StatusError } from '../../../src/engine/models/download-faults'
import { hostOf, showAddress } from '../../../src/engine/models/http-get'
import { nearestName } from '../../../src/engine/models/nearest-name'

const fault = (code: string) => Object.assign(new Error(`${code} happened`), { code })

test.each([
  ['ENOTFOUND', 'E_DOWNLOAD_OFFLINE', false],
  ['EAI_AGAIN', 'E_DOWNLOAD_OFFLINE', false],
  ['ENETUNREACH', 'E_DOWNLOAD_OFFLINE', false],
  ['CERT_HAS_EXPIRED', 'E_DOWNLOAD_OFFLINE', false],
  ['ECONNRESET', 'E_DOWNLOAD_CUT', true],
  ['ETIMEDOUT', 'E_DOWNLOAD_CUT', true],
])('%s is %s', (system, code, isPassing) => {
  const judged = judge(fault(system), 'https://me:word@host.example:444/net.onnx?token=secret')
  expect(judged).toMatchObject({ fault: { code }, isPassing })
  expect(judged.fault.message).toContain('host.example:444')
  expect(judged.fault.message).not.toMatch(/word|secret/)
})

test.each([
  [404, false],
  [403, false],
  [429, true],
  [500, true],
  [503, true],
])('status %i is passing: %s', (status, isPassing) => {
  const judged = judge(new StatusError(status, 'Reason', 2_000), 'https://host.example/a')
  expect(judged).toMatchObject({ fault: { code: 'E_DOWNLOAD_STATUS' }, isPassing })
  expect(judged.waitMs).toBe(isPassing ? 2_000 : 0)
})

test('addresses are shown without what may be secret', () => {
  expect(showAddress('https://me:word@host.example/a/b?token=secret#c')).toBe(
    'https://host.example/a/b',
  )
  expect(hostOf('https://me:word@host.example/a')).toBe('host.example')
})

test('the nearest name is the one with the fewest changes, if they are few', () => {
  const names = ['yolox-nano', 'yolox-tiny', 'picodet-s-320']
  expect(nearestName('yolo-nano', names)).toBe('yolox-nano')
  expect(nearestName('YOLOX-TINY', names)).toBe('yolox-tiny')
  expect(nearestName('picodet', names)).toBe('picodet-s-320')
  expect(nearestName('faster-rcnn', names)).toBeUndefined()
  expect(nearestName('x', [])).toBeUndefined()
})

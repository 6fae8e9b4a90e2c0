import { expect, test } from 'vitest'
import type { Job, Run } from '../../../src/shared/api'
import { exportName, isExportName } from '../../../src/renderer/screens/export/export-name'
import {
  accuracyText,
  at,
  classesOf,
  isGuessed,
  readSize,
  shortLicence,
  withField,
} from '../../../src/renderer/screens/models/card-fields'
import { runState } from '../../../src/renderer/screens/runs/run-state'
import { diagnosticsText } from '../../../src/renderer/screens/settings/diagnostics'
import { timeAgo } from '../../../src/renderer/strings/runs'

const run: Run = {
  ...{ id: 1, name: 'street', kind: 'detect', state: 'finished', createdMs: 0, finishedMs: 60_000 },
  ...{ total: 10, done: 10, failed: 0, detections: 4, detector: 'nano', defense: null, params: {} },
  ...{ scoreThreshold: null, dataset: null, isImported: false, msPerImage: 20, changed: null },
  ...{ jobId: null, canResume: true, method: null },
}
const job: Job = {
  ...{ id: 2, kind: 'run', name: 'street', runId: 1, datasetId: null, state: 'running' },
  ...{ isStopping: false, isInterrupted: false, canPause: true, done: 4, failed: 1, total: 10 },
  ...{ etaMs: 41_000, perSecond: 2, createdMs: 0, finishedMs: null, error: null, summary: null },
}
const now = 180_000

test('what the State column says', () => {
  expect(runState(run, undefined, now)).toMatchObject({ kind: 'done', detail: '2 min ago' })
  expect(runState(run, job, now)).toEqual({
    ...{ kind: 'running', text: '4 of 10', detail: '41 s left · 1 failed' },
    ...{ percent: 50, action: 'pause' },
  })
  expect(runState(run, { ...job, isStopping: true }, now)).toMatchObject({ action: null })
  expect(runState(run, { ...job, state: 'paused' }, now)).toMatchObject({ action: 'resume' })
  expect(runState({ ...run, failed: 2, done: 8 }, undefined, now)).toMatchObject({
    ...{ kind: 'failures', text: '2 failed', action: 'show' },
  })
})

test('a run that was stopped or cut off offers to go on, where that is possible', () => {
  const stopped = { ...run, state: 'cancelled' as const, done: 4 }
  expect(runState(stopped, undefined, now)).toMatchObject({ text: '4 of 10', action: 'resume' })
  expect(runState({ ...stopped, canResume: false }, undefined, now).action).toBeNull()
  const cutOff = { ...run, state: 'running' as const, done: 4 }
  expect(runState(cutOff, undefined, now)).toMatchObject({ detail: 'interrupted', percent: 40 })
  expect(runState(cutOff, { ...job, isInterrupted: true }, now).action).toBe('resume')
})

test('how long ago', () => {
  expect([0, 100, 4000, 90_000, 200_000].map((seconds) => timeAgo(0, seconds * 1000))).toEqual([
    'just now',
    '2 min ago',
    '67 min ago',
    '1 day ago',
    '2 days ago',
  ])
})

test('fields of a card are read and changed by their paths', () => {
  const card = { input: { width: 416, range: 1 }, classes: ['a', 7, 'b'] }
  expect(at(card, 'input.width')).toBe(416)
  expect(at(card, 'input.width.deeper')).toBeUndefined()
  expect(at(null, 'input')).toBeUndefined()
  expect(classesOf(card)).toEqual(['a', 'b'])
  expect(withField(card, 'input.width', 640)).toEqual({ ...card, input: { width: 640, range: 1 } })
  expect(withField({}, 'nms.iou', 0.5)).toEqual({ nms: { iou: 0.5 } })
  expect(card.input.width).toBe(416)
})

test('what was guessed is known by the questions that are open', () => {
  const questions = [{ field: 'input' }, { field: 'output.activation' }]
  expect(isGuessed('input.range', questions)).toBe(true)
  expect(isGuessed('output', questions)).toBe(true)
  expect(isGuessed('classes', questions)).toBe(false)
})

test('sizes as people type them', () => {
  expect(readSize('640 x 480')).toEqual({ width: 640, height: 480 })
  expect(readSize('640×480')).toEqual({ width: 640, height: 480 })
  expect(readSize('640')).toBeNull()
  expect(readSize('0 x 9')).toBeNull()
})

test('the one figure of a card that says most', () => {
  expect(accuracyText({ ap50: 0.416, photographs: 'COCO' })).toBe('AP50 41.6 on COCO')
  expect(accuracyText({ digital: { allPatches: { iou: 0.821 } } })).toBe('IoU 0.82')
  expect(accuracyText({})).toBe('not measured')
  expect(shortLicence('MIT (the weights; see trainedOn)')).toBe('MIT')
  expect(shortLicence(null)).toBe('unknown')
})

test('names of exports hold nothing that a system refuses', () => {
  expect(exportName('Street, defended', 'annotations.json')).toBe('Street-defended.json')
  expect(exportName('../etc/passwd', null)).toBe('etc-passwd')
  expect(exportName('a:b*c\u202E', 'x.sarif')).toBe('a-b-c.sarif')
  expect(exportName('', 'annotations.json')).toBe('export.json')
  for (const name of ['a/b', 'a\\b', '..', '', ' ', 'a\u0000'])
    expect(isExportName(name)).toBe(false)
  expect(isExportName('street.json')).toBe(true)
})

test('diagnostics name versions and counts, and neither folder nor project', () => {
  const text = diagnosticsText(
    {
      ...{ version: '1.2.3', node: '24', platform: 'linux x64', threads: 2 },
      parts: [{ name: 'sharp', version: '0.35', licence: 'Apache-2.0' }],
      models: [{ id: 'sac-lite', licence: 'MIT', origin: '/home/me/x' }],
    },
    {
      ...{ name: 'Secret', folder: '/home/me/Secret', version: '1', images: 3, datasets: 1 },
      ...{ runs: 2, notes: [{ code: 'W_NETWORK', message: '/home/me' }], isEmpty: false },
      ...{ key: 'k', hasSample: false, pair: { a: null, b: null }, platform: 'linux', threads: 2 },
    },
  )
  expect(text).toContain('Patchwarden 1.2.3')
  expect(text).toContain('3 images, 1 data sets, 2 runs')
  expect(text).toContain('sharp 0.35')
  expect(text).not.toMatch(/Secret|\/home/)
})

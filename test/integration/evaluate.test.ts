import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { maskToPng } from '../../src/engine/images/encode-png'
import { errorCodes, packageRoot, patchwarden, temporaryFolder } from '../support/program'

interface Fixture {
  ground_truth: object
  results: object[]
  expected: { stats: Record<string, number> }
}

// Our own records of what pycocotools answered.
const fixture = JSON.parse(
  readFileSync(join(packageRoot, 'test/fixtures/coco-eval/random-bbox-11.json'), 'utf8'),
) as Fixture

function files(truth: object, results: object) {
  const folder = temporaryFolder()
  const [gt, dt] = [join(folder, 'gt.json'), join(folder, 'dt.json')]
  writeFileSync(gt, JSON.stringify(truth))
  writeFileSync(dt, JSON.stringify(results))
  return ['--gt', gt, '--dt', dt]
}

describe('evaluate', () => {
  test('prints the twelve numbers, classes, curves and errors as one JSON document', async () => {
    const args = files(fixture.ground_truth, fixture.results)
    const { code, stdout } = await patchwarden([
      'evaluate',
      ...args,
      '--json',
      '--errors',
      '--curves',
      '0.5,0.62',
    ])
    expect(code).toBe(0)
    const answer = JSON.parse(stdout) as {
      stats: Record<string, number>
      perClass: object[]
      perCategory: object[]
      curves: { recall: number[]; thresholds: { iou: number; classes: object[] }[] }
      errors: { counts: Record<string, number>; dAP: Record<string, number>; AP: number }
      lrp: { moLRP: number }
    }
    for (const [name, value] of Object.entries(fixture.expected.stats)) {
      expect(Math.abs((answer.stats[name] ?? NaN) - value)).toBeLessThanOrEqual(1e-9)
    }
    expect(Object.keys(answer.stats)).toHaveLength(12)
    expect(answer.perClass).toHaveLength(answer.perCategory.length)
    expect(answer.curves.recall).toHaveLength(101)
    expect(answer.curves.thresholds.map(({ iou }) => iou)).toEqual([0.5, 0.62])
    expect(answer.errors.AP).toBeCloseTo(answer.stats['AP50'] ?? NaN, 9)
    expect(Object.keys(answer.errors.counts)).toHaveLength(6)
    expect(answer.lrp.moLRP).toBeGreaterThan(0)
  })

  test('tables for people', async () => {
    const args = files(fixture.ground_truth, fixture.results)
    const { code, stdout } = await patchwarden(['evaluate', ...args, '--errors', '--curves', '0.5'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^AP50 /m)
    expect(stdout).toContain('localization')
    expect(stdout).toContain('localization-recall-precision')
    expect(stdout).toContain('IoU 0.5')
  })

  test('patches in the ground truth are attacks, not objects', async () => {
    const truth = {
      images: [{ id: 1, width: 200, height: 200 }],
      categories: [
        { id: 1, name: 'person' },
        { id: 12, name: 'adversarial patch' },
        { id: 17, name: 'cat' },
      ],
      patches: [{ id: 4, name: 'frs4', adv_target: 17 }],
      annotations: [
        { id: 1, image_id: 1, category_id: 1, bbox: [10, 10, 80, 80], area: 6400, iscrowd: 0 },
        { id: 2, image_id: 1, category_id: 12, bbox: [40, 40, 30, 30], patch_id: 4 },
      ],
    }
    const results = [
      { image_id: 1, category_id: 1, bbox: [10, 10, 80, 80], score: 0.9 },
      { image_id: 1, category_id: 17, bbox: [40, 40, 30, 30], score: 0.8 },
    ]
    const args = files(truth, results)
    const { code, stdout, stderr } = await patchwarden(['evaluate', ...args, '--json'])
    expect(code).toBe(0)
    expect(stderr).toContain('not scored as objects')
    expect(JSON.parse(stdout)).toMatchObject({
      perClass: [{ name: 'person' }, { name: 'cat' }],
      attacked: { images: 1, attacked: 1, spared: 0 },
      attackSuccess: { patches: 1, successes: 1, rate: 1 },
    })
    const strict = await patchwarden(['evaluate', ...args, '--json', '--attack-score', '0.85'])
    expect(JSON.parse(strict.stdout)).toMatchObject({ attackSuccess: { successes: 0 } })
  })

  test('a document of results is joined by names, whatever its ids', async () => {
    const truth = {
      images: [
        { id: 1, file_name: 'a.png', width: 200, height: 200 },
        { id: 2, file_name: 'b.png', width: 200, height: 200 },
      ],
      categories: [
        { id: 1, name: 'cat' },
        { id: 2, name: 'person' },
      ],
      annotations: [
        { id: 1, image_id: 1, category_id: 1, bbox: [10, 10, 80, 80], area: 6400, iscrowd: 0 },
      ],
    }
    const results = {
      images: [
        { id: 2, file_name: 'photos/a.png' },
        { id: 1, file_name: 'c.png' },
      ],
      categories: [
        { id: 1, name: 'person' },
        { id: 2, name: 'dog' },
        { id: 3, name: 'cat' },
      ],
      annotations: [
        { image_id: 2, category_id: 3, bbox: [10, 10, 80, 80], score: 0.9 },
        { image_id: 2, category_id: 2, bbox: [10, 10, 80, 80], score: 0.8 },
      ],
    }
    const found = await patchwarden(['evaluate', ...files(truth, results), '--json'])
    const { stats } = JSON.parse(found.stdout) as { stats: Record<string, number> }
    expect(stats['AP']).toBeCloseTo(1, 12)
    expect(found.stderr).toContain('1 detections have a category that the ground truth lacks')
    const elsewhere = { image_id: 1, category_id: 3, bbox: [10, 10, 80, 80], score: 0.9 }
    const other = { ...results, annotations: [elsewhere] }
    const refused = await patchwarden(['evaluate', ...files(truth, other)])
    expect(refused.code).toBe(2)
    expect(errorCodes(refused.stderr)).toEqual(['E_ANN_IMAGE_UNKNOWN'])
    expect(refused.stderr).toContain('c.png')
  })

  test('masks, folder with folder; one that is missing is named', async () => {
    const folder = temporaryFolder()
    const write = async (name: string, from: number, to: number) => {
      const bits = Uint8Array.from({ length: 100 }, (_, i) => (i >= from && i < to ? 1 : 0))
      mkdirSync(join(folder, name, '..'), { recursive: true })
      writeFileSync(join(folder, name), await maskToPng({ width: 10, height: 10, bits }))
    }
    await write('true/a.png', 0, 20)
    await write('found/a.png', 10, 30)
    await write('true/b.png', 0, 10)
    const args = ['--masks', join(folder, 'found'), '--true-masks', join(folder, 'true')]
    const { code, stdout, stderr } = await patchwarden(['evaluate', ...args, '--json'])
    expect(code).toBe(1)
    expect(errorCodes(stderr)).toEqual(['E_MASK_MISSING'])
    expect(JSON.parse(stdout)).toMatchObject({
      masks: { perImage: [{ name: 'a', coverage: 0.5, outside: 10 / 80 }], failed: 1 },
    })
  })

  test.each([
    ['no detections', ['--gt', 'x.json'], 'E_USAGE'],
    ['half of the masks', ['--masks', 'x'], 'E_USAGE'],
    ['a threshold of 0', ['--curves', '0'], 'E_USAGE'],
    ['a file that is not there', ['--gt', 'x.json', '--dt', 'y.json'], 'E_FILE_UNREADABLE'],
  ])('%s', async (_, args, code) => {
    const ended = await patchwarden(['evaluate', ...args])
    expect(ended.code).toBe(2)
    expect(errorCodes(ended.stderr)).toEqual([code])
  })

  test('a file with patches that has none', async () => {
    const args = files(fixture.ground_truth, fixture.results)
    const ended = await patchwarden(['evaluate', ...args, '--patches', args[1] ?? ''])
    expect(ended.code).toBe(2)
    expect(errorCodes(ended.stderr)).toEqual(['E_NO_PATCHES'])
  })
})

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { maskToPng } from '../../src/engine/images/encode-png'
import { readMask } from '../../src/engine/images/read-mask'
import { type Mask, maskArea } from '../../src/shared/vision'
import { permanentFolder } from '../support/permanent-folder'
import {
  errorCodes,
  expectPlainMessages,
  filesBelow,
  packageRoot,
  patchwarden,
} from '../support/program'

const root = permanentFolder('complete')
const casesFile = join(packageRoot, 'test/fixtures/sac/completion-cases.json')
const run = (...args: string[]) => patchwarden(args, { cwd: root })

interface Answer {
  readonly mask: string
  readonly ones: number
  readonly iteration: number
}

interface Case {
  readonly id: string
  readonly height: number
  readonly width: number
  readonly mask: string
  readonly params: { readonly squareSizes: readonly number[] }
  readonly exact: Answer
  readonly official: Answer
}

const { cases } = JSON.parse(readFileSync(casesFile, 'utf8')) as { cases: readonly Case[] }

test('--cases agrees with the answers in the file, bit for bit', async () => {
  const { code, stdout, stderr } = await run('complete', '--cases', casesFile, '--out', 'a.json')
  expect(code, stderr).toBe(0)
  expect(stdout).toBe('')
  const answers = JSON.parse(readFileSync(join(root, 'a.json'), 'utf8')) as readonly Case[]
  expect(answers.map(({ id }) => id)).toEqual(cases.map(({ id }) => id))
  for (const [k, expected] of cases.entries()) {
    for (const mode of ['exact', 'official'] as const) {
      const answer = answers[k]?.[mode]
      expect(answer, expected.id).toMatchObject({
        ones: expected[mode].ones,
        iteration: expected[mode].iteration,
      })
      // The same bits; how hard they were pressed may differ.
      expect(inflate(answer?.mask ?? '')).toEqual(inflate(expected[mode].mask))
    }
  }
})

describe('one mask', () => {
  const whole = cases.find(
    ({ id, exact, official }) => id !== 'empty' && exact.ones !== official.ones,
  )
  if (!whole) throw new Error('the modes agree on every case')
  const sizes = whole.params.squareSizes.join(',')

  test.each([
    ['--strict', whole.exact],
    ['--compatible', whole.official],
  ])('%s gives what the case says', async (flag, expected) => {
    writeFileSync(join(root, 'in.png'), await maskToPng(unpack(whole)))
    const { code, stdout, stderr } = await run(
      ...['complete', 'in.png', '--out', 'made/out.png', flag, '--sizes', sizes, '--json'],
    )
    expect(code, stderr).toBe(0)
    const { mask } = await readMask(join(root, 'made/out.png'))
    expect(maskArea(mask)).toBe(expected.ones)
    expect(mask.bits).toEqual(unpack({ ...whole, mask: expected.mask }).bits)
    expect(JSON.parse(stdout)).toMatchObject({
      ones: expected.ones,
      rung: expected.iteration,
      width: whole.width,
    })
  })

  test('by default covers a broken square whole, and says so', async () => {
    const mask: Mask = { width: 200, height: 150, bits: new Uint8Array(200 * 150) }
    for (let y = 40; y < 90; y++)
      for (let x = 60; x < 110; x++) if ((x + y) % 7 !== 0) mask.bits[y * 200 + x] = 1
    writeFileSync(join(root, 'square.png'), await maskToPng(mask))
    const { code, stderr } = await run('complete', 'square.png', '--out', 'square-done.png')
    expect(code).toBe(0)
    expect(stderr).toContain('pixels in')
    const done = (await readMask(join(root, 'square-done.png'))).mask
    for (let y = 40; y < 90; y++)
      for (let x = 60; x < 110; x++) expect(done.bits[y * 200 + x]).toBe(1)
    expect(maskArea(done)).toBeLessThan(75 * 75)
  })

  test('an empty mask stays empty', async () => {
    const mask: Mask = { width: 64, height: 64, bits: new Uint8Array(64 * 64) }
    writeFileSync(join(root, 'none.png'), await maskToPng(mask))
    for (const flags of [[], ['--strict'], ['--compatible']]) {
      const args = ['complete', 'none.png', '--out', 'none-done.png', '--sizes', '20', ...flags]
      expect((await run(...args)).code).toBe(0)
      expect(maskArea((await readMask(join(root, 'none-done.png'))).mask)).toBe(0)
    }
  })

  test('sizes beyond the frame are skipped with a warning, or refused if none is left', async () => {
    const before = filesBelow(root)
    const none = await run('complete', 'square.png', '--out', 'large.png', '--sizes', '5000')
    expect(none.code).toBe(2)
    expect(errorCodes(none.stderr)).toEqual(['E_COMPLETION_SIZES'])
    expectPlainMessages(none.stderr)
    expect(filesBelow(root)).toEqual(before)
    const some = await run('complete', 'square.png', '--out', 'large.png', '--sizes', '5000,50')
    expect(some.code).toBe(0)
    expect(some.stderr).toMatch(/^warning W_COMPLETION: sizes 5000 are larger than the frame/m)
  })

  test.each([
    ['a picture that is cut off', 'truncated.png', 'E_IMAGE_TRUNCATED'],
    ['text', 'text.jpg', 'E_IMAGE_UNKNOWN_FORMAT'],
  ])('%s is refused', async (_, name, code) => {
    const path = join(packageRoot, 'test/fixtures/images', name)
    const ended = await run('complete', path, '--out', 'refused.png')
    expect(ended.code).toBe(2)
    expect(errorCodes(ended.stderr)).toEqual([code])
    expect(filesBelow(root)).not.toContain('refused.png')
  })
})

test('a case whose mask does not unpack is named', async () => {
  const damaged = { cases: [{ ...cases[0], mask: 'AAAA' }] }
  writeFileSync(join(root, 'damaged.json'), JSON.stringify(damaged))
  const { code, stderr } = await run('complete', '--cases', 'damaged.json', '--out', 'x.json')
  expect(code).toBe(2)
  expect(errorCodes(stderr)).toEqual(['E_CASES_INVALID'])
  expect(stderr).toContain('empty')
})

const inflate = (packed: string): Buffer => inflateSync(Buffer.from(packed, 'base64'))

function unpack({ mask, width, height }: Pick<Case, 'mask' | 'width' | 'height'>): Mask {
  const bytes = inflate(mask)
  const bits = new Uint8Array(width * height)
  for (let i = 0; i < bits.length; i++) bits[i] = (bytes[i >> 3]! >> (7 - (i & 7))) & 1
  return { width, height, bits }
}

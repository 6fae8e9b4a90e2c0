import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { describeSettings, parseParams, parseSettings } from '../../../src/shared/plugin'

const schema = z.object({
  bits: z.int().min(1).max(8).default(5).describe('Bits kept'),
  sizes: z.array(z.number().positive()).default([100, 50]).describe('Sides'),
  fill: z.enum(['black', 'mean']).default('black'),
  keep: z.boolean().default(true),
  model: z.string().default('nano'),
})
const parse = (...texts: string[]) => parseSettings('demo', schema, texts)

describe('settings from the command line', () => {
  test('those not named get their defaults', () => {
    expect(parse()).toEqual({ bits: 5, sizes: [100, 50], fill: 'black', keep: true, model: 'nano' })
  })

  test('numbers, lists, choices, truth values and texts are read by the schema', () => {
    expect(parse('bits=3', 'sizes=0.5, 20', 'fill=mean', 'keep=false', 'model=7')).toEqual({
      bits: 3,
      sizes: [0.5, 20],
      fill: 'mean',
      keep: false,
      model: '7',
    })
    expect(parse('sizes=40').sizes).toEqual([40])
    expect(parse('model=a=b').model).toBe('a=b')
  })

  test.each([
    ['bits=9', 'E_SETTING_INVALID', '8 is the most'],
    ['bits=0', 'E_SETTING_INVALID', '1 is the least'],
    ['bits=three', 'E_SETTING_INVALID', 'a number is needed'],
    ['bits=1.5', 'E_SETTING_INVALID', 'a whole number is needed'],
    ['bits', 'E_SETTING_INVALID', 'it has no value'],
    ['fill=pink', 'E_SETTING_INVALID', 'choose one of black, mean'],
    ['sizes=4,-1', 'E_SETTING_INVALID', 'more than 0 is needed'],
    ['keep=maybe', 'E_SETTING_INVALID', 'true or false is needed'],
    ['colour=red', 'E_SETTING_UNKNOWN', 'no setting'],
    ['__proto__=1', 'E_SETTING_UNKNOWN', 'no setting'],
  ])('%s is refused with %s, names the setting and says why', (text, code, reason) => {
    const key = text.split('=')[0] ?? ''
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(key) as string }),
    )
    expect(() => parse(text)).toThrow(reason)
  })

  test('lists too short or too long', () => {
    const lists = z.object({ sizes: z.array(z.number()).min(1).max(2) })
    expect(() => parseParams('demo', lists, { sizes: [] })).toThrow('the list needs 1 or more')
    expect(() => parseParams('demo', lists, { sizes: [1, 2, 3] })).toThrow('takes 2 at most')
  })

  test('values from files are checked the same way', () => {
    expect(parseParams('demo', schema, { bits: 2 }).bits).toBe(2)
    expect(() => parseParams('demo', schema, { bits: '2' })).toThrow('bits')
    expect(() => parseParams('demo', schema, { toString: 1 })).toThrow('toString')
  })
})

test('descriptions carry type, default and meaning', () => {
  expect(describeSettings(schema)).toEqual([
    { key: 'bits', type: '1..8', defaultValue: '5', description: 'Bits kept' },
    { key: 'sizes', type: 'list', defaultValue: '100,50', description: 'Sides' },
    { key: 'fill', type: 'black | mean', defaultValue: 'black', description: '' },
    { key: 'keep', type: 'boolean', defaultValue: 'true', description: '' },
    { key: 'model', type: 'string', defaultValue: 'nano', description: '' },
  ])
})

test.each([
  [z.number().gt(0).lt(1), 'above 0, below 1'],
  [z.number().positive().max(1), 'above 0, up to 1'],
  [z.number().min(0), 'from 0'],
  [z.number(), 'number'],
  [z.int(), 'number'],
  [z.int().max(3), 'up to 3'],
])('ranges are told in words where they are not closed (%#)', (field, type) => {
  expect(describeSettings(z.object({ field: field.default(0.5) }))[0]).toMatchObject({ type })
})

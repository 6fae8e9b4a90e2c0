import { z } from 'zod'
import { describe, expect, test } from 'vitest'
import defense from '../../src/defenses/segment-and-complete'
import { readList, schemaFields } from '../../src/renderer/schema-fields'

const fieldsOf = (schema: z.ZodType) =>
  schemaFields(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))

describe('a form made from a schema', () => {
  test('has a control for each kind', () => {
    const fields = fieldsOf(
      z.object({
        bits: z.int().min(1).max(8).default(5).describe('Bits kept per channel'),
        threshold: z.number().min(0).max(1).default(0.5),
        mode: z.enum(['fast', 'exact']).default('fast'),
        isOn: z.boolean().default(true),
        sides: z.array(z.int()).default([100, 50]),
        seed: z.int().default(0),
        name: z.string().nullable().default(null),
      }),
    )
    expect(fields.map(({ name, kind }) => [name, kind.kind])).toEqual([
      ['bits', 'slider'],
      ['threshold', 'slider'],
      ['mode', 'choice'],
      ['isOn', 'switch'],
      ['sides', 'list'],
      ['seed', 'number'],
      ['name', 'text'],
    ])
    expect(fields[0]).toMatchObject({
      help: 'Bits kept per channel',
      initial: 5,
      kind: { min: 1, max: 8, step: 1 },
    })
    expect(fields[1]?.kind).toMatchObject({ step: 0.01 })
    expect(fields[6]?.kind).toMatchObject({ isNullable: true })
  })

  test('has words for names', () => {
    expect(
      schemaFields({
        properties: { maxRung: { type: 'integer' }, 'iou-limit': { type: 'number' } },
      }).map(({ label }) => label),
    ).toEqual(['Max rung', 'Iou limit'])
  })

  test('shows every setting of the shipped defense', () => {
    const fields = fieldsOf(defense.params)
    expect(fields.length).toBe(Object.keys(defense.params.shape).length)
  })

  test('nonsense has no fields', () => {
    expect(schemaFields({})).toEqual([])
    expect(schemaFields({ properties: { a: null, b: { type: 'object' } } })).toEqual([])
  })
})

test('lists are typed with commas or spaces', () => {
  expect(readList('125, 100 75;50', 'number')).toEqual([125, 100, 75, 50])
  expect(readList('125, x', 'number')).toBeNull()
  expect(readList('a, b', 'text')).toEqual(['a', 'b'])
  expect(readList('', 'number')).toEqual([])
})

import { z } from 'zod'
import type { Attributes } from '../shared/dataset'

const tagsSchema = z.array(z.string())
const none: Attributes = Object.freeze({})

/** Attributes as stored; most have none, and those cost nothing. */
export function attributesFrom(text: string): Attributes {
  if (text === '{}') return none
  const value: unknown = JSON.parse(text)
  if (!isObject(value)) throw new SyntaxError('Attributes are an object')
  return value
}

/** Of what JSON.parse answers. A schema would drop an attribute that is called `__proto__`. */
function isObject(value: unknown): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function attributesText(attributes: Attributes): string {
  return JSON.stringify(attributes)
}

export function parseWith<T>(schema: z.ZodType<T>, text: string): T {
  return schema.parse(JSON.parse(text))
}

export function tagsFrom(text: string): readonly string[] {
  return text === '[]' ? [] : tagsSchema.parse(JSON.parse(text))
}

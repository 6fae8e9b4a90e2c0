import { z } from 'zod'
import type { Attributes } from '../shared/dataset'

const attributesSchema = z.record(z.string(), z.json())
const tagsSchema = z.array(z.string())
const none: Attributes = Object.freeze({})

/** Attributes as stored; most have none, and those cost nothing. */
export function attributesFrom(text: string): Attributes {
  return text === '{}' ? none : attributesSchema.parse(JSON.parse(text))
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

import { z } from 'zod'

// Parts that inputs of reference cases have in common.

/** A number, or one that JSON has no word for, as text. */
export const anyNumber = z.union([
  z.number(),
  z.enum(['Infinity', '-Infinity', 'NaN']).transform(Number),
])
export const level = z.number().gt(0).lt(1)
export const count = z.int().min(0)
export const size = z.int().min(1)
export const byte = z.int().min(0).max(255)
/** Votes per class, class 0 first. */
export const voteList = z.array(count).min(1)
/** [channel][row][column] */
export const imageBytes = z.array(z.array(z.array(byte).min(1)).min(1)).min(1)
export const linearModel = z.object({
  weights: z.array(z.array(z.number())).min(1),
  bias: z.array(z.number()).min(1),
})

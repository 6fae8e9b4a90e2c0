import { readFile } from 'node:fs/promises'
import { deflateSync, inflateSync } from 'node:zlib'
import { z } from 'zod'
import {
  completeLikePublishedCode,
  completeStrictly,
} from '../defenses/segment-and-complete/complete-strict'
import { reasonOf } from '../engine/files/read-file'
import { AppError } from '../shared/errors'
import { type Mask, maskArea } from '../shared/vision'

const side = z.int().min(1).max(65_536)
const schema = z.object({
  cases: z.array(
    z.object({
      id: z.string(),
      height: side,
      width: side,
      mask: z.string(),
      params: z.object({
        squareSizes: z.array(z.int().min(1)),
        initThreshold: z.number().positive(),
        decay: z.number().positive(),
        maxIterations: z.int().min(0),
      }),
    }),
  ),
})

/**
 * Runs every case of a file of completion cases in exact and compatible mode. Masks are packed as in the cases:
 * base64 of a zlib stream of the bits, row-major, most significant bit first, the last byte padded with zeros.
 */
export async function completeCases(path: string): Promise<string> {
  const answers = (await readCases(path)).map(({ id, height, width, mask, params }) => {
    const input = unpack(mask, width, height, id)
    const options = {
      sizes: params.squareSizes,
      ladder: { alpha: params.initThreshold, beta: params.decay, rungs: params.maxIterations },
    }
    const answer = ({ mask: found, rung }: { mask: Mask; rung: number }) => ({
      mask: pack(found),
      ones: maskArea(found),
      iteration: rung,
    })
    return {
      id,
      exact: answer(completeStrictly(input, options)),
      official: answer(completeLikePublishedCode(input, options)),
    }
  })
  return `${JSON.stringify(answers)}\n`
}

async function readCases(path: string) {
  let json: unknown
  try {
    json = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? 'it is not JSON' : reasonOf(cause)
    throw new AppError(
      'E_CASES_UNREADABLE',
      `cannot read the cases ${path}: ${reason}`,
      'Check the path after --cases.',
      {
        cause,
      },
    )
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data.cases
  const issue = parsed.error.issues[0]
  throw new AppError(
    'E_CASES_INVALID',
    `${path} holds no completion cases: ${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}`,
    'Each case needs id, height, width, mask and params (squareSizes, initThreshold, decay, maxIterations).',
  )
}

function unpack(packed: string, width: number, height: number, id: string): Mask {
  const expected = Math.ceil((width * height) / 8)
  let bytes: Uint8Array
  try {
    bytes = inflateSync(Buffer.from(packed, 'base64'), { maxOutputLength: expected })
  } catch {
    bytes = new Uint8Array()
  }
  if (bytes.length !== expected) {
    throw new AppError(
      'E_CASES_INVALID',
      `the mask of case ${id} does not unpack to ${expected} bytes`,
      'Masks are base64 of a zlib stream of height x width bits.',
    )
  }
  const bits = new Uint8Array(width * height)
  for (let i = 0; i < bits.length; i++) bits[i] = (bytes[i >> 3]! >> (7 - (i & 7))) & 1
  return { width, height, bits }
}

function pack({ bits }: Mask): string {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8))
  for (let i = 0; i < bits.length; i++) bytes[i >> 3]! |= bits[i]! << (7 - (i & 7))
  return deflateSync(bytes).toString('base64')
}

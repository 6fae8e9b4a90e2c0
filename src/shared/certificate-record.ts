import { z } from 'zod'
import type { JsonValue } from './dataset/records'
import type { BoxXyxy } from './vision/box'

/** What was proven about one picture, one box or one object, with all that it rests on: as it is stored and written. */
export interface CertificateRecord {
  /** Of the project's objects, if it is about one. */
  readonly objectId?: number
  readonly method: string
  /** What is proven, in one sentence. */
  readonly statement: string
  /** What the attacker may do, in words. */
  readonly threat: string
  /** Proven for the size that was asked about; without one: for some size at all. */
  readonly certified: boolean
  /** Largest size of change that is proven harmless, in `unit`; 0: none. */
  readonly radius?: number
  readonly unit: string
  /** Chance that the statement is wrong, where it is probabilistic. */
  readonly alpha?: number
  readonly guarantee?: 'deterministic' | 'probabilistic'
  readonly assumptions: readonly string[]
  /** What it is about, in pixels of the picture; the whole picture where there is none. */
  readonly box?: BoxXyxy
  /** What the box was called by whoever drew it. */
  readonly boxClass?: string
  /** The class that cannot change, by name; null: the classifier abstains. */
  readonly class?: string | null
  /** Votes by class name; classes without votes are left out. */
  readonly votes?: Readonly<Record<string, number>>
  /** Votes that could have been given. */
  readonly total?: number
  readonly params?: Readonly<Record<string, JsonValue>>
  readonly details?: Readonly<Record<string, JsonValue>>
  readonly modelId?: string
  /** SHA-256 of the model file; another model voids the certificate. */
  readonly modelDigest?: string
  /** SHA-256 that stands for the picture; another picture voids the certificate. */
  readonly imageDigest?: string
}

const json: z.ZodType<JsonValue> = z.json()

/** What of a record is stored as JSON beside its columns. */
export const certificateDetailsSchema = z.object({
  statement: z.string(),
  threat: z.string(),
  unit: z.string(),
  alpha: z.number().exactOptional(),
  guarantee: z.enum(['deterministic', 'probabilistic']).exactOptional(),
  assumptions: z.array(z.string()),
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]).exactOptional(),
  boxClass: z.string().exactOptional(),
  class: z.string().nullable().exactOptional(),
  votes: z.record(z.string(), z.number()).exactOptional(),
  total: z.number().exactOptional(),
  params: z.record(z.string(), json).exactOptional(),
  details: z.record(z.string(), json).exactOptional(),
  modelId: z.string().exactOptional(),
  modelDigest: z.string().exactOptional(),
  imageDigest: z.string().exactOptional(),
})

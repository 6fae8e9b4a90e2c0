import { z } from 'zod'
import { read } from './define'
import { boxXyxy, count, id, pageOf, pageRequest } from './values'

const records = z.record(z.string(), z.json())

export const certificate = z.object({
  /** Of the run that certified. */
  runId: id,
  runName: z.string(),
  imageId: id.nullable(),
  objectId: id.nullable(),
  /** What it is about; null: the whole picture. */
  box: boxXyxy.nullable(),
  /** What the box was called. */
  boxClass: z.string().nullable(),
  /** The class that cannot change; null: the classifier abstains, or none is meant. */
  class: z.string().nullable(),
  method: z.string(),
  statement: z.string(),
  threat: z.string(),
  certified: z.boolean(),
  radius: z.number().nullable(),
  unit: z.string(),
  /** Chance that the statement is wrong; null: exact. */
  alpha: z.number().nullable(),
  guarantee: z.enum(['deterministic', 'probabilistic']).nullable(),
  assumptions: z.array(z.string()),
  votes: z.record(z.string(), z.number()).nullable(),
  /** Votes that could have been given. */
  total: z.number().nullable(),
  params: records,
  details: records,
  modelId: z.string().nullable(),
  modelDigest: z.string().nullable(),
  /** What is another one now; empty: it holds. */
  stale: z.array(z.enum(['model', 'image'])),
})
export type ApiCertificate = z.infer<typeof certificate>

/** The place of certificates: what was proven is read here; making them is a kind of run. */
export const certificateProcedures = {
  'certificates.ofImage': read(
    'What was proven, or could not be, in a picture: by a run that certifies, or about the boxes of a run that detects.',
    z.strictObject({ id, run: id }),
    z.object({ certificates: z.array(certificate) }),
  ),
  'certificates.ofRun': read(
    'Certificates of a run: given ones or the others.',
    z.strictObject({ run: id, certified: z.boolean(), ...pageRequest.shape }),
    pageOf(certificate),
  ),
  'certificates.summary': read(
    'How many objects of a run were certified, by method.',
    z.strictObject({ run: id }),
    z.object({
      methods: z.array(
        z.object({ method: z.string(), certified: count, tried: count, unit: z.string() }),
      ),
    }),
  ),
}

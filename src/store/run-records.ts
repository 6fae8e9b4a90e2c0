import { z } from 'zod'
import type { CertificateRecord } from '../shared/certificate-record'
import type { Attributes } from '../shared/dataset'
import type { ErrorRecord } from '../shared/errors'
import type { Detection } from '../shared/vision'

export const runStates = ['running', 'finished', 'cancelled', 'failed'] as const
export type RunState = (typeof runStates)[number]

/** What determines a run, and what it is called. */
export interface RunOrder {
  readonly name: string
  /** `detect`, `certify`, `attack` … */
  readonly kind: string
  /** Detector, defense, parameters, digests of models, versions. */
  readonly manifest: Attributes
  /** The classes that `classId` of its detections counts in. */
  readonly classNames: readonly string[]
  /** How many pictures it has. */
  readonly total: number
}

export interface Run extends Omit<RunOrder, 'classNames'> {
  readonly id: number
  readonly state: RunState
  readonly createdMs: number
  readonly finishedMs: number | null
  readonly done: number
  readonly failed: number
  readonly detections: number
}

export interface RunClass {
  readonly classId: number
  readonly name: string
  readonly images: number
  readonly detections: number
}

export type { CertificateRecord }

/** The result of one picture. */
export interface RunResult {
  /** Hash of everything that determines the result. */
  readonly key: string
  /** The picture's member of a data set, if it is one: then it can be found by its results. */
  readonly memberId?: number
  /** For people: the path as it was given. */
  readonly file: string
  readonly sha256?: string
  /** Upright pixels. */
  readonly width?: number
  readonly height?: number
  readonly detections: readonly Detection[]
  /** The bare detector's answer, when a defended run compares. */
  readonly before?: readonly Detection[]
  /** COCO RLE text by name, in the picture's frame. */
  readonly masks: Readonly<Record<string, string>>
  readonly notes: Readonly<Record<string, number | string | boolean | null>>
  readonly warnings: readonly string[]
  readonly stages: readonly { readonly name: string; readonly ms: number }[]
  readonly certificates?: readonly CertificateRecord[]
}

/** A picture that could not be done. A result for the same key takes its place. */
export interface RunFailure {
  readonly key: string
  readonly memberId?: number
  readonly file: string
  readonly error: ErrorRecord
}

export interface RunItem {
  readonly id: number
  readonly runId: number
  readonly key: string
  readonly memberId: number | null
  readonly file: string
  readonly sha256: string | null
  readonly width: number | null
  readonly height: number | null
  /** How many. */
  readonly detections: number
  readonly maxScore: number | null
  /** From the bare detector's answer to the run's, see `detectionChange`; null if it was not compared. */
  readonly change: number | null
  readonly error: ErrorRecord | null
}

/** Class by name and id of the project, which all runs and data sets share. */
export interface RunDetection extends Detection {
  readonly class: string
}

export interface RunItemDetail extends RunItem {
  /** Best score first; `classId` counts in the run's classes. */
  readonly found: readonly RunDetection[]
  readonly before: readonly RunDetection[]
  readonly masks: Readonly<Record<string, string>>
  readonly notes: RunResult['notes']
  readonly warnings: readonly string[]
  readonly stages: RunResult['stages']
  readonly certificates: readonly CertificateRecord[]
}

export const errorSchema: z.ZodType<ErrorRecord> = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
})

export const stagesSchema = z.array(z.object({ name: z.string(), ms: z.number() }))
export const notesSchema = z.record(
  z.string(),
  z.union([z.number(), z.string(), z.boolean(), z.null()]),
)
export const warningsSchema = z.array(z.string())

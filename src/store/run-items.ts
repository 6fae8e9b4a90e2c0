import { certificateDetailsSchema, type CertificateRecord } from '../shared/certificate-record'
import type { Db } from './db'
import { parseWith } from './json'
import {
  errorSchema,
  notesSchema,
  stagesSchema,
  warningsSchema,
  type RunDetection,
  type RunItem,
  type RunItemDetail,
} from './run-records'

export interface ItemRow extends Omit<RunItem, 'error'> {
  readonly error: string | null
}

export const ITEM = `SELECT id, run_id AS runId, key, member_id AS memberId, file, sha256, width, height, detections,
    max_score AS maxScore, change, error FROM run_items`

interface DetectionRow {
  readonly stage: number
  readonly class: string
  readonly classId: number
  readonly score: number
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

interface CertificateRow {
  readonly object_id: number | null
  readonly method: string
  readonly certified: number
  readonly radius: number | null
  readonly details: string
}

export function readItem(row: ItemRow): RunItem {
  return { ...row, error: row.error === null ? null : parseWith(errorSchema, row.error) }
}

/** A result with everything that belongs to it. */
export function readItemDetail(db: Db, id: number): RunItemDetail | undefined {
  const row = db.get<ItemRow>(`${ITEM} WHERE id = ?`, id)
  if (!row) return undefined
  const boxes = db.all<DetectionRow>(
    `SELECT stage, classes.name AS class, position AS classId, score, x1, y1, x2, y2 FROM detections
      JOIN classes ON classes.id = class_id WHERE item_id = ? ORDER BY score DESC, detections.id`,
    id,
  )
  const trace = db.get<{ stages: string; notes: string; warnings: string }>(
    'SELECT stages, notes, warnings FROM traces WHERE item_id = ?',
    id,
  )
  const masks = db.all<{ name: string; text: string }>(
    'SELECT name, text FROM masks WHERE item_id = ? ORDER BY name',
    id,
  )
  return {
    ...readItem(row),
    found: boxes.filter(({ stage }) => stage === 0).map(detectionOf),
    before: boxes.filter(({ stage }) => stage === 1).map(detectionOf),
    masks: Object.fromEntries(masks.map(({ name, text }) => [name, text])),
    notes: trace ? parseWith(notesSchema, trace.notes) : {},
    warnings: trace ? parseWith(warningsSchema, trace.warnings) : [],
    stages: trace ? parseWith(stagesSchema, trace.stages) : [],
    certificates: db
      .all<CertificateRow>(
        'SELECT object_id, method, certified, radius, details FROM certificates WHERE item_id = ? ORDER BY position',
        id,
      )
      .map(certificateOf),
  }
}

function detectionOf(row: DetectionRow): RunDetection {
  const { score, classId, x1, y1, x2, y2 } = row
  return { box: [x1, y1, x2, y2], score, classId, class: row.class }
}

export function certificateOf(row: CertificateRow): CertificateRecord {
  return {
    ...(row.object_id === null ? {} : { objectId: row.object_id }),
    method: row.method,
    certified: row.certified === 1,
    ...(row.radius === null ? {} : { radius: row.radius }),
    ...parseWith(certificateDetailsSchema, row.details),
  }
}

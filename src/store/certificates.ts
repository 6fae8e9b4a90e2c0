import type { CertificateRecord } from '../shared/certificate-record'
import type { Db, Value } from './db'
import { pageOfIds, type Page, type PageRequest } from './paging'
import { certificateOf } from './run-items'

export interface CertificateFilter {
  readonly run: number
  readonly certified: boolean
}

export interface ListedCertificate extends CertificateRecord {
  readonly id: number
  readonly itemId: number
  readonly memberId: number | null
  readonly file: string
}

interface Row {
  readonly id: number
  readonly itemId: number
  readonly memberId: number | null
  readonly file: string
  readonly object_id: number | null
  readonly method: string
  readonly certified: number
  readonly radius: number | null
  readonly details: string
}

/** The certificates of a run that were given, or those that were not, in the order of ids. @throws AppError E_CURSOR_INVALID */
export function listCertificates(
  db: Db,
  filter: CertificateFilter,
  page: PageRequest = {},
): Page<ListedCertificate> {
  return pageOfIds(page, (bound, order, after, limit) => {
    const { sql, values } = certificatesQuery(filter, bound, order, after, limit)
    return db.all<Row>(sql, ...values).map((row) => ({
      id: row.id,
      itemId: row.itemId,
      memberId: row.memberId,
      file: row.file,
      ...certificateOf(row),
    }))
  })
}

export function certificatesQuery(
  { run, certified }: CertificateFilter,
  bound: '>' | '<',
  order: 'ASC' | 'DESC',
  after: number,
  limit: number,
): { sql: string; values: Value[] } {
  return {
    sql: `SELECT c.id, item_id AS itemId, c.member_id AS memberId, file, object_id, method, certified, radius, details
      FROM certificates AS c CROSS JOIN run_items ON run_items.id = item_id
      WHERE c.run_id = ? AND certified = ? AND c.id ${bound} ? ORDER BY c.id ${order} LIMIT ?`,
    values: [run, certified ? 1 : 0, after, limit],
  }
}

/** The certificates of one picture in one run, in order. */
export function certificatesOfImage(
  db: Db,
  runId: number,
  memberId: number,
): (CertificateRecord & { readonly id: number })[] {
  return db
    .all<Omit<Row, 'itemId' | 'memberId' | 'file'>>(CERTIFICATES_OF_IMAGE, memberId, runId)
    .map((row) => ({ id: row.id, ...certificateOf(row) }))
}

/** A picture has few certificates and a run many: the plus keeps the run's index out, and ids are in order as they are. */
const CERTIFICATES_OF_IMAGE = `SELECT id, object_id, method, certified, radius, details FROM certificates
  WHERE member_id = ? AND +run_id = ? ORDER BY id`

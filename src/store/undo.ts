import { z } from 'zod'
import type { Db, Value } from './db'
import { parseWith } from './json'
import { rowUnknown } from './store-errors'
import type { Writer } from './writer'

/** The tables that edits change. */
export type Subject = 'objects' | 'patches' | 'members'
export type Row = Readonly<Record<string, string | number | null>>

/** What `undo` and `redo` would do next; null if there is nothing. */
export interface UndoState {
  readonly undo: string | null
  readonly redo: string | null
}

export interface UndoEntry {
  readonly id: number
  /** As a menu shows it: "Accept 3 patches". */
  readonly name: string
  readonly atMs: number
  readonly isUndone: boolean
}

const rowSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]))
const ACTIONS_KEPT = 1_000
/** Changes of an action that are looked at for its pictures. */
export const MOST_IMAGES = 1_000

/** One user action under way: its changes are made and noted in the same transaction. */
export class Action {
  readonly #db: Db
  readonly #id: number

  constructor(db: Db, id: number) {
    this.#db = db
    this.#id = id
  }

  /** Adds a row and answers its id. */
  insert(subject: Subject, row: Row): number {
    const columns = Object.keys(row)
    const { id } = this.#db.run(
      `INSERT INTO ${subject} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      ...Object.values(row),
    )
    this.#note(subject, id, null, readRow(this.#db, subject, id))
    return id
  }

  /** Changes some columns of a row. A row that has these values already is not touched. @throws AppError E_ROW_UNKNOWN */
  update(subject: Subject, id: number, changes: Row): boolean {
    const now = requireRow(this.#db, subject, id)
    const changed = Object.entries(changes).filter(([column, value]) => now[column] !== value)
    if (changed.length === 0) return false
    const before = Object.fromEntries(changed.map(([column]) => [column, now[column] ?? null]))
    const after = Object.fromEntries(changed)
    setColumns(this.#db, subject, id, after)
    this.#note(subject, id, before, after)
    return true
  }

  /** @throws AppError E_ROW_UNKNOWN */
  remove(subject: Subject, id: number): void {
    const row = requireRow(this.#db, subject, id)
    this.#db.run(`DELETE FROM ${subject} WHERE id = ?`, id)
    this.#note(subject, id, row, null)
  }

  #note(subject: Subject, id: number, before: Row | null, after: Row | null): void {
    this.#db.run(
      'INSERT INTO undo_changes (action_id, subject, row_id, before, after) VALUES (?, ?, ?, ?, ?)',
      this.#id,
      subject,
      id,
      before && JSON.stringify(before),
      after && JSON.stringify(after),
    )
  }
}

/**
 * The log of what a user did: each action with all its changes, stored with them, so it survives a restart. The last
 * 1,000 actions are kept.
 */
export class UndoLog {
  readonly #db: Db
  readonly #writer: Writer

  constructor(db: Db, writer: Writer) {
    this.#db = db
    this.#writer = writer
  }

  /**
   * Runs `act` as one action with a name; what could be redone until now no longer can. An action that changes nothing
   * leaves no trace. With `before`, an action that was done last, it becomes part of that one, which then has this name.
   */
  perform<T>(name: string, act: (action: Action) => T, before: number | null = null): T {
    return this.#writer.write(() => {
      if (before !== null && this.#next(0)?.id === before) {
        this.#db.run('DELETE FROM undo_actions WHERE undone = 1')
        this.#db.run('UPDATE undo_actions SET name = ? WHERE id = ?', name, before)
        return act(new Action(this.#db, before))
      }
      const { id } = this.#db.run(
        // Ids only rise, also past those of the redo tail, so that order is time.
        'INSERT INTO undo_actions (name, at_ms) VALUES (?, ?)',
        name,
        Date.now(),
      )
      const answer = act(new Action(this.#db, id))
      const changed = this.#db.value<number>(
        'SELECT 1 FROM undo_changes WHERE action_id = ? LIMIT 1',
        id,
      )
      if (changed === undefined) {
        this.#db.run('DELETE FROM undo_actions WHERE id = ?', id)
      } else {
        this.#db.run('DELETE FROM undo_actions WHERE undone = 1')
        this.#db.run('DELETE FROM undo_actions WHERE id <= ?', id - ACTIONS_KEPT)
      }
      return answer
    })
  }

  state(): UndoState {
    return { undo: this.#next(0)?.name ?? null, redo: this.#next(1)?.name ?? null }
  }

  /** Newest first, at most 1,000. */
  list(): UndoEntry[] {
    return this.#db
      .all<{ id: number; name: string; atMs: number; undone: number }>(
        'SELECT id, name, at_ms AS atMs, undone FROM undo_actions ORDER BY id DESC LIMIT ?',
        ACTIONS_KEPT,
      )
      .map(({ undone, ...entry }) => ({ ...entry, isUndone: undone === 1 }))
  }

  /** Pictures that an action touched; those that are gone are left out. At most 1,000. */
  imagesOf(actionId: number): number[] {
    return this.#db.column<number>(
      `SELECT DISTINCT members.id FROM (SELECT CASE subject WHEN 'members' THEN row_id WHEN 'patches'
          THEN coalesce((SELECT member_id FROM patches WHERE id = row_id), json_extract(coalesce(after, before), '$.member_id'))
          ELSE coalesce((SELECT member_id FROM objects WHERE id = row_id), json_extract(coalesce(after, before), '$.member_id'))
        END AS member_id FROM undo_changes WHERE action_id = ? LIMIT ?) AS touched
        CROSS JOIN members ON members.id = touched.member_id`,
      actionId,
      MOST_IMAGES,
    )
  }

  /** The action that `undo` or `redo` would move; undefined if there is none. */
  next(direction: 'undo' | 'redo'): { readonly id: number; readonly name: string } | undefined {
    return this.#next(direction === 'undo' ? 0 : 1)
  }

  /** Takes back the last action; answers its name, or null if there is none. */
  undo(): string | null {
    return this.#writer.write(() => this.#move(0))
  }

  /** Does again what was undone last; answers its name, or null if there is none. */
  redo(): string | null {
    return this.#writer.write(() => this.#move(1))
  }

  #move(undone: 0 | 1): string | null {
    const action = this.#next(undone)
    if (!action) return null
    const order = undone === 0 ? 'DESC' : 'ASC'
    const most = 500
    let place = undone === 0 ? Number.MAX_SAFE_INTEGER : 0
    for (;;) {
      const changes = this.#db.all<ChangeRow>(
        `SELECT id, subject, row_id AS rowId, before, after FROM undo_changes
          WHERE action_id = ? AND id ${undone === 0 ? '<' : '>'} ? ORDER BY id ${order} LIMIT ?`,
        action.id,
        place,
        most,
      )
      for (const change of changes) {
        const { before, after } = change
        put(this.#db, change, undone === 0 ? after : before, undone === 0 ? before : after)
        place = change.id
      }
      if (changes.length < most) break
    }
    this.#db.run('UPDATE undo_actions SET undone = ? WHERE id = ?', 1 - undone, action.id)
    return action.name
  }

  /** The newest action that is done, or the oldest that is undone. */
  #next(undone: 0 | 1): { id: number; name: string } | undefined {
    return this.#db.get(
      `SELECT id, name FROM undo_actions WHERE undone = ? ORDER BY id ${undone === 0 ? 'DESC' : 'ASC'} LIMIT 1`,
      undone,
    )
  }
}

interface ChangeRow {
  readonly id: number
  readonly subject: Subject
  readonly rowId: number
  readonly before: string | null
  readonly after: string | null
}

/** Turns the row as it was `from` into what it is to be, `to`; null: not there. */
function put(db: Db, { subject, rowId }: ChangeRow, from: string | null, to: string | null): void {
  if (to === null) {
    db.run(`DELETE FROM ${subject} WHERE id = ?`, rowId)
    return
  }
  const row = parseWith(rowSchema, to)
  if (from !== null) {
    setColumns(db, subject, rowId, row)
    return
  }
  const columns = Object.keys(row)
  db.run(
    `INSERT INTO ${subject} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    ...Object.values(row),
  )
}

/** Column names come from our own code, or from the log that it wrote. */
function setColumns(db: Db, subject: Subject, id: number, row: Row): void {
  const sets = Object.keys(row).map((column) => `${column} = ?`)
  const values: Value[] = Object.values(row)
  db.run(`UPDATE ${subject} SET ${sets.join(', ')} WHERE id = ?`, ...values, id)
}

function readRow(db: Db, subject: Subject, id: number): Row | null {
  return db.get<Row>(`SELECT * FROM ${subject} WHERE id = ?`, id) ?? null
}

const nameOf = { objects: 'object', patches: 'patch annotation', members: 'image' }

function requireRow(db: Db, subject: Subject, id: number): Row {
  const row = readRow(db, subject, id)
  if (!row) throw rowUnknown(nameOf[subject], id)
  return row
}

import { setImmediate } from 'node:timers/promises'
import { boxDifferences, boxChange, type LabelledBox } from '../shared/metrics/box-differences'
import type { Db } from './db'
import type { GroupCommit } from './group-commit'
import type { Page, PageRequest } from './paging'
import { listChanges, type ImageChange } from './ranked-lists'
import { filterInvalid, rowUnknown } from './store-errors'
import type { Writer } from './writer'

export interface Comparison {
  /** Pictures that both runs have done. */
  readonly images: number
  /** Of these, how many they answer differently. */
  readonly changed: number
}

/** How two answers to one picture differ. */
export interface ImageMarks {
  /** 0..1, see `boxChange`. */
  readonly change: number
  readonly gained: number
  readonly lost: number
  readonly moved: number
  readonly relabelled: number
}

interface Pair {
  readonly memberId: number
  readonly baseItem: number
  readonly otherItem: number
}

interface State extends Comparison {
  readonly id: number
  readonly baseSeen: number
  readonly otherSeen: number
}

const ITEMS_A_TURN = 500

/** What two runs say of the same pictures: computed once, brought up to date when a run has gone on. */
export class Comparisons {
  readonly #db: Db
  readonly #writer: Writer
  readonly #group: GroupCommit

  constructor(db: Db, writer: Writer, group: GroupCommit) {
    this.#db = db
    this.#writer = writer
    this.#group = group
  }

  /**
   * Compares two runs picture by picture; needed once before pictures are listed or filtered by their change, and again
   * after a run went on. Works in slices; what is done when `signal` aborts is kept.
   * @throws AppError E_ROW_UNKNOWN; AbortError
   */
  async compare(base: number, other: number, signal?: AbortSignal): Promise<Comparison> {
    this.#group.flush()
    for (const run of [base, other]) {
      if (this.#db.value<number>('SELECT 1 FROM runs WHERE id = ?', run) === undefined) {
        throw rowUnknown('run', run)
      }
    }
    this.#writer.write(() =>
      this.#db.run(
        'INSERT INTO comparisons (base_run, other_run) VALUES (?, ?) ON CONFLICT DO NOTHING',
        base,
        other,
      ),
    )
    while (this.#writer.write(() => this.#advance(base, other))) {
      await setImmediate()
      signal?.throwIfAborted()
    }
    const { images, changed } = this.#state(base, other)
    return { images, changed }
  }

  /** Most changed first. @throws AppError E_FILTER_INVALID if the runs were not compared, E_CURSOR_INVALID */
  changes(base: number, other: number, page: PageRequest = {}): Page<ImageChange> {
    return listChanges(this.#db, this.#state(base, other).id, page)
  }

  /** Marks of all pictures that both runs have, in the order of ids. @throws AppError E_FILTER_INVALID */
  marks(base: number, other: number): (ImageMarks & { readonly memberId: number })[] {
    return this.#db.all(
      `SELECT member_id AS memberId, change, gained, lost, moved, relabelled FROM comparison_items
        WHERE comparison_id = ? ORDER BY member_id`,
      this.#state(base, other).id,
    )
  }

  /** Of one picture; undefined where not both runs have it. @throws AppError E_FILTER_INVALID */
  marksOf(base: number, other: number, memberId: number): ImageMarks | undefined {
    return this.#db.get(
      `SELECT change, gained, lost, moved, relabelled FROM comparison_items
        WHERE comparison_id = ? AND member_id = ?`,
      this.#state(base, other).id,
      memberId,
    )
  }

  /** One slice of what is new in either run; false if nothing is. */
  #advance(base: number, other: number): boolean {
    const state = this.#state(base, other)
    const ofBase = this.#newItems(base, state.baseSeen)
    const ofOther = this.#newItems(other, state.otherSeen)
    if (ofBase.length + ofOther.length === 0) return false
    const pairs = new Map<number, Pair>()
    for (const { id, memberId } of ofBase) {
      const partner = this.#partner(other, memberId)
      if (partner !== undefined) pairs.set(memberId, { memberId, baseItem: id, otherItem: partner })
    }
    for (const { id, memberId } of ofOther) {
      const partner = this.#partner(base, memberId)
      if (partner !== undefined) pairs.set(memberId, { memberId, baseItem: partner, otherItem: id })
    }
    let [images, changed] = [0, 0]
    for (const { memberId, baseItem, otherItem } of pairs.values()) {
      const marks = marksOf(this.#boxes(baseItem), this.#boxes(otherItem))
      const added = this.#db.run(
        'INSERT INTO comparison_items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
        state.id,
        memberId,
        baseItem,
        otherItem,
        marks.change,
        marks.gained,
        marks.lost,
        marks.moved,
        marks.relabelled,
      ).changes
      images += added
      if (marks.change > 0) changed += added
    }
    this.#db.run(
      `UPDATE comparisons SET base_seen = ?, other_seen = ?, items = items + ?, changed = changed + ? WHERE id = ?`,
      ofBase.at(-1)?.id ?? state.baseSeen,
      ofOther.at(-1)?.id ?? state.otherSeen,
      images,
      changed,
      state.id,
    )
    return true
  }

  #newItems(run: number, seen: number): { id: number; memberId: number }[] {
    return this.#db.all(
      `SELECT id, member_id AS memberId FROM run_items INDEXED BY run_items_in_order
        WHERE run_id = ? AND id > ? AND member_id IS NOT NULL AND error IS NULL ORDER BY id LIMIT ?`,
      run,
      seen,
      ITEMS_A_TURN,
    )
  }

  #partner(run: number, memberId: number): number | undefined {
    return this.#db.value<number>(
      'SELECT id FROM run_items WHERE member_id = ? AND run_id = ? AND error IS NULL ORDER BY id LIMIT 1',
      memberId,
      run,
    )
  }

  #boxes(itemId: number): LabelledBox[] {
    return this.#db
      .all<{ classId: number; score: number; x1: number; y1: number; x2: number; y2: number }>(
        `SELECT class_id AS classId, score, x1, y1, x2, y2 FROM detections WHERE item_id = ? AND stage = 0 ORDER BY id`,
        itemId,
      )
      .map(({ classId, score, x1, y1, x2, y2 }) => ({
        label: String(classId),
        score,
        box: [x1, y1, x2, y2],
      }))
  }

  #state(base: number, other: number): State {
    const state = this.#db.get<State>(
      `SELECT id, base_seen AS baseSeen, other_seen AS otherSeen, items AS images, changed FROM comparisons
        WHERE base_run = ? AND other_run = ?`,
      base,
      other,
    )
    if (!state) throw filterInvalid(`runs ${base} and ${other} were not compared yet`)
    return state
  }
}

function marksOf(base: readonly LabelledBox[], other: readonly LabelledBox[]): ImageMarks {
  const marks = { gained: 0, lost: 0, moved: 0, relabelled: 0 }
  for (const { kind } of boxDifferences(base, other)) if (kind !== 'same') marks[kind]++
  // Boxes of one class that overlap by nine tenths and more are the same: their last pixels are no change.
  const isSame = marks.gained + marks.lost + marks.moved + marks.relabelled === 0
  return { change: isSame ? 0 : boxChange(base, other), ...marks }
}

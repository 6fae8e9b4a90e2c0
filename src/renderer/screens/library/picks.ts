/** Which pictures are selected: some, or all but some. Values never change; every change makes a new one. */
export interface Picks {
  readonly all: boolean
  /** Selected ones, or, when `all` is set, the ones that are not. */
  readonly ids: ReadonlySet<number>
}

export const noPicks: Picks = { all: false, ids: new Set() }
export const allPicks: Picks = { all: true, ids: new Set() }

export function isPicked({ all, ids }: Picks, id: number): boolean {
  return all !== ids.has(id)
}

export function pickCount({ all, ids }: Picks, total: number): number {
  return all ? Math.max(0, total - ids.size) : ids.size
}

export function togglePick(picks: Picks, id: number): Picks {
  const ids = new Set(picks.ids)
  if (!ids.delete(id)) ids.add(id)
  return { all: picks.all, ids }
}

/** Adds pictures to what is selected. */
export function addPicks(picks: Picks, added: Iterable<number>): Picks {
  const ids = new Set(picks.ids)
  for (const id of added) {
    if (picks.all) ids.delete(id)
    else ids.add(id)
  }
  return { all: picks.all, ids }
}

/** The class with the most votes; of several, the one with the lowest index. Class 0 where nobody voted. */
export function winnerOf(votes: readonly number[]): number {
  return Math.max(0, votes.indexOf(Math.max(...votes)))
}

/** The best of the other classes in the same order: votes descending, then index ascending. Null with one class. */
export function runnerUpOf(votes: readonly number[]): number | null {
  const winner = winnerOf(votes)
  let second: number | null = null
  votes.forEach((count, c) => {
    if (c !== winner && (second === null || count > votes[second]!)) second = c
  })
  return second
}

/**
 * The vote margin budget: how many votes an attacker may turn, each from the winner to one rival, without changing
 * the winner. A single class has a rival of no votes.
 */
export function marginBudget(votes: readonly number[]): number {
  const winner = winnerOf(votes)
  const second = runnerUpOf(votes)
  if (second === null) return Math.floor((votes[winner] ?? 0) / 2)
  return budgetAgainst(votes[winner]!, votes[second]!, second < winner)
}

/** The same for one winner and one rival; `rivalFirst`: an equal count goes to the rival. Never negative. */
function budgetAgainst(won: number, rival: number, rivalFirst: boolean): number {
  return Math.max(0, Math.floor((won - rival - (rivalFirst ? 1 : 0)) / 2))
}

/**
 * Margin budget of a count that misses `missing` samples, as it is in the worst case: all of them vote for every rival.
 */
export function certainBudget(votes: readonly number[], missing: number): number {
  if (missing === 0) return marginBudget(votes)
  const winner = winnerOf(votes)
  return marginBudgetOf(
    votes.map((count, c) => (c === winner ? count : count + missing)),
    winner,
  )
}

/** Budget that keeps `winner` first; 0 where it is not first. */
function marginBudgetOf(votes: readonly number[], winner: number): number {
  return winnerOf(votes) === winner ? marginBudget(votes) : 0
}

/** Margin budget in the best case: all missing samples vote for one class, whichever helps most. */
function possibleBudget(votes: readonly number[], missing: number): number {
  const budgets = votes.map((_, c) =>
    marginBudgetOf(
      votes.map((count, other) => (other === c ? count + missing : count)),
      c,
    ),
  )
  return Math.max(0, ...budgets)
}

/**
 * Whether a budget of at least `wanted` is certain (true), out of reach (false), or open while samples are missing.
 * A wanted budget of 0 needs a winner that stays the winner.
 */
export function budgetSettled(
  votes: readonly number[],
  missing: number,
  wanted: number,
): boolean | null {
  if (missing === 0) return marginBudget(votes) >= wanted
  if (possibleBudget(votes, missing) < wanted) return false
  const winner = winnerOf(votes)
  const against = votes.map((count, c) => (c === winner ? count : count + missing))
  return winnerOf(against) === winner && marginBudget(against) >= wanted ? true : null
}

/** Votes per class of samples that each chose one. */
export function votesFor(winners: readonly number[], classes: number): number[] {
  const votes = new Array<number>(classes).fill(0)
  for (const winner of winners) votes[winner] = votes[winner]! + 1
  return votes
}

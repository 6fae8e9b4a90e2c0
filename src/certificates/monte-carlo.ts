import type { TallyState } from '../shared/plugin'
import { clopperPearsonLower } from '../shared/statistics'
import { winnerOf } from './vote-margin'

/** Votes of the samples that choose the class, and of the fresh ones that bound it. */
export interface TwoStageState extends TallyState {
  readonly selection: readonly number[]
  readonly estimation: readonly number[]
}

export interface TwoStagePlan {
  readonly selection: number
  readonly estimation: number
}

export const beginTwoStages = (classes: number): TwoStageState => ({
  next: 0,
  selection: new Array<number>(classes).fill(0),
  estimation: new Array<number>(classes).fill(0),
})

/** Adds the winners of the samples from..: of those below `plan.selection` to the choice, of the rest to the bound. */
export function tallyTwoStages(
  state: TwoStageState,
  winners: readonly number[],
  plan: TwoStagePlan,
): TwoStageState {
  const selection = [...state.selection]
  const estimation = [...state.estimation]
  winners.forEach((winner, at) => {
    const votes = state.next + at < plan.selection ? selection : estimation
    votes[winner] = votes[winner]! + 1
  })
  return { next: state.next + winners.length, selection, estimation }
}

/** The chosen class; null while it is not chosen yet. */
export function chosenClass(state: TwoStageState, plan: TwoStagePlan): number | null {
  return state.next < plan.selection ? null : winnerOf(state.selection)
}

/**
 * Lower bound of the chosen class's share at one-sided level `alpha`. Samples that are still missing count as lost, so
 * that an early certificate is never larger than the final one; `hopeful` counts them as won instead.
 */
export function lowerBoundOf(
  state: TwoStageState,
  plan: TwoStagePlan,
  alpha: number,
  hopeful = false,
): number {
  const chosen = chosenClass(state, plan)
  if (chosen === null) return hopeful ? 1 : 0
  const missing = plan.selection + plan.estimation - state.next
  const won = state.estimation[chosen]! + (hopeful ? missing : 0)
  return clopperPearsonLower(won, plan.estimation, alpha)
}

/** Whether `isEnough` holds of the final lower bound: true or false where the missing samples cannot change it. */
export function boundSettled(
  state: TwoStageState,
  plan: TwoStagePlan,
  alpha: number,
  isEnough: (lower: number) => boolean,
): boolean | null {
  if (isEnough(lowerBoundOf(state, plan, alpha))) return true
  return isEnough(lowerBoundOf(state, plan, alpha, true)) ? null : false
}

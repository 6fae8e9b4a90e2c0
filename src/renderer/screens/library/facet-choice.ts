import type { ImageFilterInput, ImageOrder } from '../../../shared/api'

export const happenings = ['patch', 'changed', 'certified', 'accepted', 'failed'] as const
export type Happening = (typeof happenings)[number]

/** Steps of the completion's rung, as the list shows them: the tight ones alone, the loose ones together. */
export const rungSteps = [
  { value: '0', min: 0, max: 0 },
  { value: '1', min: 1, max: 1 },
  { value: '2', min: 2, max: 5 },
  { value: '6', min: 6, max: 99 },
] as const

/** What is ticked in the panel at the left. Kept in the address, so that back, forward and links bring it again. */
export interface FacetChoice {
  readonly happened: readonly Happening[]
  /** Least and greatest change from A to B, 0..1; null: any. */
  readonly change: readonly [number, number] | null
  readonly class: readonly string[]
  readonly rung: readonly string[]
  readonly split: readonly string[]
  readonly label: readonly string[]
  readonly tag: readonly string[]
  readonly status: readonly string[]
  readonly file: readonly string[]
}

export const noChoice: FacetChoice = {
  happened: [],
  change: null,
  class: [],
  rung: [],
  split: [],
  label: [],
  tag: [],
  status: [],
  file: [],
}

const lists = ['happened', 'class', 'rung', 'split', 'label', 'tag', 'status', 'file'] as const

/** The choice as text for the address; empty when nothing is chosen. */
export function formatChoice(choice: FacetChoice): string {
  const chosen = Object.entries(choice).filter(
    ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
  )
  return chosen.length === 0 ? '' : JSON.stringify(Object.fromEntries(chosen))
}

/** Reads an address; parts that make no sense are left out. */
export function parseChoice(text: string | undefined): FacetChoice {
  if (text === undefined || text === '') return noChoice
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return noChoice
  }
  if (typeof data !== 'object' || data === null) return noChoice
  const given: Readonly<Record<string, unknown>> = { ...data }
  const words = (key: string): string[] => {
    const value = given[key]
    return Array.isArray(value)
      ? value.filter((one): one is string => typeof one === 'string' && one !== '').slice(0, 100)
      : []
  }
  const range: readonly unknown[] = Array.isArray(given['change']) ? given['change'] : []
  const [low, high] = range
  const isRange =
    typeof low === 'number' && typeof high === 'number' && low >= 0 && high <= 1 && low <= high
  return {
    happened: happenings.filter((one) => words('happened').includes(one)),
    change: isRange ? [low, high] : null,
    class: words('class'),
    rung: rungSteps.map(({ value }) => value).filter((one) => words('rung').includes(one)),
    split: words('split'),
    label: words('label'),
    tag: words('tag'),
    status: words('status'),
    file: words('file'),
  }
}

/** How many things are chosen: "these 2 filters". */
export function choiceCount(choice: FacetChoice): number {
  return lists.reduce((sum, key) => sum + choice[key].length, choice.change === null ? 0 : 1)
}

/** A happening that was just ticked; "failed" and what needs a result exclude one another. */
export function withHappenings(choice: FacetChoice, happened: readonly string[]): FacetChoice {
  const next = happenings.filter((one) => happened.includes(one))
  const isNew = (one: Happening): boolean => next.includes(one) && !choice.happened.includes(one)
  if (isNew('failed')) {
    const others = next.filter((one) => one !== 'patch' && one !== 'changed')
    return { ...choice, happened: others, rung: [], change: null }
  }
  const needsResult = isNew('patch') || isNew('changed')
  return {
    ...choice,
    happened: needsResult ? next.filter((one) => one !== 'failed') : next,
    ...(next.includes('changed') ? {} : { change: null }),
  }
}

/** Steps of the rung must be neighbours, since a filter has one range: otherwise the step that came last counts alone. */
export function withRungs(choice: FacetChoice, rungs: readonly string[]): FacetChoice {
  const at = rungSteps.flatMap(({ value }, index) => (rungs.includes(value) ? [index] : []))
  const areNeighbours = at.every((step, n) => n === 0 || step === (at[n - 1] ?? step) + 1)
  const added = rungs.find((rung) => !choice.rung.includes(rung))
  const rung = areNeighbours
    ? at.flatMap((step) => rungSteps[step]?.value ?? [])
    : added === undefined
      ? rungs.slice(-1)
      : [added]
  return { ...choice, rung, happened: choice.happened.filter((one) => one !== 'failed') }
}

export interface FilterParts {
  readonly dataset: number | null
  readonly choice: FacetChoice
  /** The search text as a filter; see `images.parseQuery`. */
  readonly query: ImageFilterInput
  readonly a: number | null
  readonly b: number | null
}

/** One filter of all that narrows the list. Where search and panel name the same thing, the search wins. */
export function filterOf({ dataset, choice, query, a, b }: FilterParts): ImageFilterInput {
  const filter: ImageFilterInput = {}
  if (dataset !== null) filter.dataset = dataset
  for (const key of ['class', 'split', 'label', 'tag'] as const) {
    if (choice[key].length > 0) filter[key] = [...choice[key]]
  }
  const status = (['open', 'reviewed', 'excluded'] as const).filter((one) =>
    choice.status.includes(one),
  )
  if (status.length > 0) filter.status = status
  const file = (['unknown', 'present', 'missing', 'changed'] as const).filter((one) =>
    choice.file.includes(one),
  )
  if (file.length > 0) filter.file = file
  if (choice.happened.includes('certified')) filter.certified = true
  if (choice.happened.includes('accepted')) filter.patchStatus = ['accepted']
  if (b === null && choice.happened.includes('patch')) filter.patch = true
  if (a !== null && b !== null && (choice.change !== null || choice.happened.includes('changed'))) {
    const [min, max] = choice.change ?? []
    filter.changed = {
      a,
      b,
      ...(min ? { min } : {}),
      ...(max === undefined || max >= 1 ? {} : { max }),
    }
  }
  const outcome = b === null ? null : outcomeOf(choice, b)
  if (outcome) filter.outcome = outcome
  return { ...filter, ...query }
}

function outcomeOf(choice: FacetChoice, run: number): ImageFilterInput['outcome'] | null {
  if (choice.happened.includes('failed')) return { run, state: 'failed' }
  const steps = rungSteps.filter(({ value }) => choice.rung.includes(value))
  const [first, last] = [steps[0], steps.at(-1)]
  const rung = first && last ? { rung: { min: first.min, max: last.max } } : {}
  const patchFound = choice.happened.includes('patch') ? { patchFound: true } : {}
  return first || choice.happened.includes('patch') ? { run, ...patchFound, ...rung } : null
}

export const orderNames = ['imported', 'newest', 'name', 'change', 'score'] as const
export type OrderName = (typeof orderNames)[number]

/** An order by its name; what needs runs falls back to the order of import while they are missing. */
export function orderOf(name: string | undefined, a: number | null, b: number | null): ImageOrder {
  switch (name) {
    case 'newest':
      return { by: 'imported', descending: true }
    case 'name':
      return { by: 'name' }
    case 'change':
      return a === null || b === null
        ? { by: 'imported' }
        : { by: 'change', a, b, descending: true }
    case 'score':
      return b === null ? { by: 'imported' } : { by: 'score', run: b }
    default:
      return { by: 'imported' }
  }
}

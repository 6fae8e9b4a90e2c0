import { AppError } from '../errors'

/** A class of a data set: its number there and its name. */
export interface NamedClass {
  readonly index: number
  readonly name: string
}

export interface ClassMap {
  /** Class of the model by class number of the data set. */
  readonly modelClass: ReadonlyMap<number, number>
  /** Names of the data set that the model does not know, or knows twice. */
  readonly unmappedDataset: readonly string[]
  readonly unmappedModel: readonly string[]
}

/**
 * Joins classes by name: case, `_` and spaces do not matter; of lists of synonyms ("tench, Tinca tinca") the first counts, then
 * the others. A name that the model has twice is not mapped, unless it stands at the data set's own number. `chosen`
 * (`{ "data set name": "model name" }`) goes before everything.
 * @throws AppError E_CLASS_UNKNOWN for a chosen name that is in neither list
 */
export function mapClasses(
  dataset: readonly NamedClass[],
  model: readonly string[],
  chosen: Readonly<Record<string, string>> = {},
): ClassMap {
  const firsts = placesByName(model, (names) => names.slice(0, 1))
  const all = placesByName(model, (names) => names)
  const wanted = new Map(Object.entries(chosen).map(([from, to]) => [plain(from), to]))
  refuseUnknown(wanted, dataset, all)
  const modelClass = new Map<number, number>()
  for (const { index, name } of dataset) {
    const names = synonyms(name)
    const own = names.map((each) => wanted.get(each)).find((each) => each !== undefined)
    const candidates = own === undefined ? names : [plain(own)]
    const [first = ''] = candidates
    const found =
      single(firsts.get(first), index) ??
      candidates.map((each) => single(all.get(each), index)).find((place) => place !== null)
    if (found !== undefined) modelClass.set(index, found)
  }
  const used = new Set(modelClass.values())
  return {
    modelClass,
    unmappedDataset: dataset.filter(({ index }) => !modelClass.has(index)).map(({ name }) => name),
    unmappedModel: model.filter((_, place) => !used.has(place)),
  }
}

function placesByName(
  model: readonly string[],
  choose: (names: string[]) => string[],
): Map<string, number[]> {
  const places = new Map<string, number[]>()
  model.forEach((text, place) => {
    for (const name of new Set(choose(synonyms(text)))) {
      places.set(name, [...(places.get(name) ?? []), place])
    }
  })
  return places
}

function single(places: readonly number[] | undefined, index: number): number | null {
  if (!places) return null
  if (places.length === 1) return places[0] ?? null
  return places.includes(index) ? index : null
}

function synonyms(text: string): string[] {
  return text.split(',').map(plain)
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ')
    .trim()
}

function refuseUnknown(
  wanted: ReadonlyMap<string, string>,
  dataset: readonly NamedClass[],
  model: ReadonlyMap<string, unknown>,
): void {
  const known = new Set(dataset.flatMap(({ name }) => synonyms(name)))
  for (const [from, to] of wanted) {
    const unknown = known.has(from) ? (model.has(plain(to)) ? null : to) : from
    if (unknown === null) continue
    throw new AppError(
      'E_CLASS_UNKNOWN',
      `"${unknown}" is not a class of the ${unknown === from ? 'data set' : 'model'}`,
      'Name a class of the data set, then one of the model, as in --map automobile=car.',
    )
  }
}

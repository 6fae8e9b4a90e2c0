import type { Output } from '../../../shared/api'
import { studiesText as words } from '../../strings/studies'

type StudyResult = Output<'studies.result'>['result']
type D3s = Extract<StudyResult, { dataset: 'd3s' }>
type OmImagenet = Extract<StudyResult, { dataset: 'om-imagenet' }>

export interface Tally {
  readonly pictures: number
  readonly correct: number
  /** 0..1; null without pictures. */
  readonly accuracy: number | null
}

export interface StudyRow {
  readonly name: string
  /** One for each of the table's sides. */
  readonly tallies: readonly Tally[]
  /** What to search the Library for to see its pictures; null: they are no list. */
  readonly search: string | null
}

export interface StudyTable {
  readonly id: string
  readonly title: string
  /** What is counted on each side; one without a name where there is one side. */
  readonly sides: readonly string[]
  readonly rows: readonly StudyRow[]
  readonly note: string
}

/** The answer of a study as tables, the broadest first. Tables without rows are left out. */
export function studyTables(result: StudyResult): readonly StudyTable[] {
  const tables = result.dataset === 'd3s' ? d3sTables(result) : omImagenetTables(result)
  return tables.filter(({ rows }) => rows.length > 0)
}

/** Accuracy is asked of the pictures of `val`. */
const VAL = 'split:val'

function d3sTables({ accuracy, probes }: D3s): StudyTable[] {
  return [
    ...(accuracy === null ? [] : accuracyTables(accuracy)),
    ...(probes === null ? [] : [probeTable(probes)]),
  ]
}

function accuracyTables(accuracy: NonNullable<D3s['accuracy']>): StudyTable[] {
  const { all, verified, rejected, gap, withoutClass } = accuracy
  const verdicts = [
    row(words.all, all, VAL),
    row(words.verified, verified, `${VAL} field:verified=true`),
    row(words.rejected, rejected, `${VAL} field:verified=false`),
  ]
  return [
    {
      ...table(
        'all',
        words.pictures,
        verdicts.filter(({ tallies: [tally] }) => tally?.pictures),
      ),
      note: withoutClass === 0 ? '' : words.withoutClass(withoutClass),
    },
    table(
      'background',
      words.background,
      accuracy.byBackground.map((one) =>
        row(one.background, one, `${VAL} ${field('background', one.background)}`),
      ),
    ),
    {
      ...table('gap', words.gap, [row(words.usual, gap.usual), row(words.unusual, gap.unusual)]),
      note: words.gapNote(gap.difference, gap.classes, gap.meanOfClasses),
    },
    table(
      'shift',
      words.shift,
      accuracy.byShift.map((one) => row(one.shift, one, `${VAL} ${field('shift', one.shift)}`)),
    ),
    table(
      'worst',
      words.worst,
      accuracy.worstBackgrounds.map((one) =>
        row(
          words.before(one.className, one.background),
          one,
          `${VAL} ${label(one.className)} ${field('background', one.background)}`,
        ),
      ),
    ),
  ]
}

function probeTable({ apart, penalized, ...probes }: NonNullable<D3s['probes']>): StudyTable {
  return {
    ...table('probes', words.probes, [
      row(words.foregroundApart, apart.foreground),
      row(words.backgroundApart, apart.background),
      row(words.foregroundPenalized, penalized.foreground),
      row(words.backgroundPenalized, penalized.background),
    ]),
    note: words.probesNote(probes.trainingPictures, probes.heldOutPictures),
  }
}

function omImagenetTables(result: OmImagenet): StudyTable[] {
  const { onManifold, natural, byClass, pairs, latents } = result
  const sides = [words.onManifold, words.natural]
  const share = (count: number): Tally => ({
    ...{ pictures: pairs.count, correct: count },
    accuracy: pairs.count === 0 ? null : count / pairs.count,
  })
  const missing = onManifold.withoutClass + natural.withoutClass
  return [
    {
      ...{ id: 'all', title: words.pictures, sides },
      rows: [{ name: words.all, tallies: [onManifold, natural], search: '' }],
      note: missing === 0 ? '' : words.withoutClass(missing),
    },
    {
      ...{ id: 'class', title: words.class, sides, note: '' },
      rows: byClass.map((one) => ({
        ...{ name: one.className, tallies: [one.onManifold, one.natural] },
        search: label(one.className),
      })),
    },
    ...(pairs.count === 0
      ? []
      : [
          {
            ...table('agreement', words.agreement, [
              row(words.agreeing, share(pairs.agreeing)),
              row(words.bothRight, share(pairs.bothCorrect)),
              row(words.onlyNatural, share(pairs.test.onlyFirst)),
              row(words.onlyProjection, share(pairs.test.onlySecond)),
              row(words.bothWrong, share(pairs.bothWrong)),
            ]),
            note: words.pairsNote(pairs.unpaired, pairs.test.p),
          },
        ]),
    ...(latents === null
      ? []
      : [
          {
            ...table('latents', words.latents, [row(words.all, latents.all)]),
            note: words.latentsNote(latents.trainingLatents, latents.classes),
          },
        ]),
  ]
}

const table = (id: string, title: string, rows: readonly StudyRow[]): StudyTable => ({
  ...{ id, title, sides: [''], rows, note: '' },
})

const row = (name: string, tally: Tally, search: string | null = null): StudyRow => ({
  ...{ name, tallies: [tally], search },
})

const label = (name: string): string => `label:${quoted(name)}`
const field = (name: string, value: string): string => `field:${quoted(`${name}=${value}`)}`

/** As the search language wants a value with spaces or quotes in it. */
function quoted(text: string): string {
  return /^[^\s"]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

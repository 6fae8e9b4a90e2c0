import type { ImportReport } from '../engine/import/import-report'
import type { ImportPreview } from '../engine/import/preview'
import type { ImportResult } from '../service/import-job'
import type { ImportProblem, ProblemDecision } from '../shared/dataset'
import { showPath } from '../shared/image-errors'
import { count, oneLine } from './report-error'

const namesShown = 8
const examplesShown = 3

const number = (value: number): string => value.toLocaleString('en')
const many = (value: number, noun: string): string =>
  count(value, noun).replace(/^\d+/, number(value))

/** What an import would bring, before it begins. */
export function foundLines(found: ImportPreview): string[] {
  if (found.refusal) return []
  const { complete } = found
  const least = complete ? '' : 'at least '
  const parts = [`${least}${many(found.images, 'image')}`]
  // Objects come behind all images in some formats: none so far says nothing.
  if (complete || found.objects > 0) parts.push(`${least}${many(found.objects, 'object')}`)
  if (found.patches > 0) {
    parts.push(`${least}${many(found.patches, 'patch').replace(/patchs$/, 'patches')}`)
  }
  const { categories } = found
  if (categories.length > 0) {
    const some = categories.slice(0, namesShown).map(showPath).join(', ')
    const rest = categories.length > namesShown ? ' …' : ''
    parts.push(
      `${least}${count(categories.length, 'class').replace(/classs$/, 'classes')} (${some}${rest})`,
    )
  }
  const splits = [...found.splits].filter(([name]) => name !== '')
  if (splits.length > 0) {
    parts.push(`splits ${splits.map(([name, n]) => `${showPath(name)} ${number(n)}`).join(', ')}`)
  }
  const end = complete ? '' : '; this was a first look, the import reads all of it'
  return [oneLine(`found: ${parts.join(', ')}${end}`)]
}

/** Problems by code, the worst first, each with its first examples. */
export function problemLines(report: ImportReport): string[] {
  return report
    .groups()
    .flatMap(({ code, decision, count: n, examples }) => [
      `${number(n)} x ${code} (${said[decision]})`,
      ...examples.slice(0, examplesShown).map((problem) => `  ${oneLine(exampleText(problem))}`),
    ])
}

const said: Readonly<Record<ProblemDecision, string>> = {
  'skip-file': 'file left out',
  'skip-record': 'record left out',
  'accept-with-warning': 'imported all the same',
}

function exampleText({ file, line, record, offset, message }: ImportProblem): string {
  const place =
    line !== undefined
      ? `, line ${line}`
      : record !== undefined
        ? `, record ${record}`
        : offset === undefined
          ? ''
          : `, byte ${offset}`
  return `${showPath(file)}${place}: ${showPath(message)}`
}

interface Told {
  /** Of the data set. */
  readonly name: string
  readonly isNew: boolean
  readonly dryRun: boolean
}

/** What became of the import. `counts` are of what was read. */
export function summaryLine(
  { counts, there }: ImportResult,
  { name, isNew, dryRun }: Told,
): string {
  const parts = contentParts({
    images: counts.images - there.images,
    objects: counts.objects - there.objects,
    patches: counts.patches - there.patches,
  })
  if (isNew) parts.push(many(counts.categories, 'class').replace(/classs$/, 'classes'))
  if (counts.missing > 0) parts.push(`${number(counts.missing)} of the images without a file`)
  if (counts.skippedImages > 0) parts.push(`${many(counts.skippedImages, 'image')} left out`)
  const what = parts.join(', ')
  if (isNew) {
    return dryRun
      ? `would be imported as "${name}": ${what}; nothing was stored`
      : `imported as "${name}": ${what}`
  }
  return dryRun
    ? `would be added to "${name}": ${what}, but for what it has already; nothing was stored`
    : `added to "${name}": ${what}; already there: ${contentParts(there).join(', ')}`
}

function contentParts({ images, objects, patches }: ImportResult['there']): string[] {
  const parts = [many(images, 'image'), many(objects, 'object')]
  return patches > 0 ? [...parts, many(patches, 'patch').replace(/patchs$/, 'patches')] : parts
}

export function importJson(result: ImportResult, format: string, { name, dryRun }: Told): string {
  const { datasetId, counts, there, report } = result
  const document = {
    dataset: name,
    datasetId,
    format,
    dryRun,
    counts,
    there,
    problems: report.groups(),
  }
  return JSON.stringify(document, null, 2)
}

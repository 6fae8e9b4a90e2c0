import { datasetExporters, exporters } from '../../datasets'
import type { Input, Output } from '../../shared/api'
import type { FolderSink } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { parseParams } from '../../shared/plugin'
import type { ImageFilter, Project } from '../../store'
import { datasetContent, type ProjectContent } from '../project-content'
import { runContent } from '../run-content'
import { runReport } from '../run-report'

type Request = Input<'export.preview'>
type Preview = Output<'export.preview'>

const LINES = 14
const LINE_LENGTH = 400
/** Of the files that would be written, so many bytes are made to show their beginning. */
const ENOUGH_BYTES = 20_000

/** Thrown by the sink when it has enough. */
class Enough extends Error {}

/** What an export would hold and lose, counted on its content; nothing is written. */
export function exportPreview(project: Project, request: Request): Preview {
  const filter: ImageFilter = request.filter?.ids ? { ids: request.filter.ids } : {}
  const plugin = datasetExporters.get(request.format)
  const command = commandFor(project, request)
  if (!plugin) return reportPreview(project, request, filter, command)
  const params = parseParams(plugin.id, plugin.params, request.params ?? {})
  const content = contentOf(project, request, filter)
  const losses = plugin
    .losses(content, params)
    .map(({ what, message, count }) => ({ what, message, count }))
  const tally = countsOf(content)
  const beginning = new Beginning()
  try {
    plugin.write(content, beginning, params)
  } catch (error) {
    if (!(error instanceof Enough)) throw error
  }
  return {
    ...{
      images: content.imageCount,
      objects: tally.objects,
      withoutSize: content.withoutSize,
      losses,
    },
    kept: keptOf(
      tally,
      losses.map(({ what }) => what),
    ),
    bytes: beginning.isWhole ? beginning.bytes : null,
    firstLines: beginning.lines(),
    firstFile: beginning.name,
    command,
  }
}

function reportPreview(
  project: Project,
  { subject, format, params }: Request,
  filter: ImageFilter,
  command: string,
): Preview {
  const plugin = exporters.get(format)
  if (!plugin || !('run' in subject)) {
    throw new AppError(
      'E_FORMAT_NOT_POSSIBLE',
      `The format ${format} cannot hold this.`,
      `Choose a run, or one of ${[...datasetExporters.keys()].join(', ')}.`,
    )
  }
  const report = runReport(project, project.runs.get(subject.run), { filter })
  const beginning = new Beginning()
  beginning.file(`results${plugin.extension}`)
  try {
    plugin.write(
      report,
      {
        write: (text) => {
          beginning.write(text)
        },
      },
      parseParams(format, plugin.params, params ?? {}),
    )
  } catch (error) {
    if (!(error instanceof Enough)) throw error
  }
  const objects = report.images.reduce((sum, { detections }) => sum + detections.length, 0)
  return {
    ...{ images: report.images.length, objects, withoutSize: 0, command },
    losses: [
      {
        what: 'annotations',
        message: 'Annotations are not in this format: it holds results only.',
        count: 1,
      },
    ],
    kept: [{ what: 'boxes', count: objects }],
    bytes: beginning.isWhole ? beginning.bytes : null,
    firstLines: beginning.lines(),
    firstFile: beginning.name,
  }
}

function contentOf(project: Project, { subject }: Request, filter: ImageFilter): ProjectContent {
  return 'run' in subject
    ? runContent(project, project.runs.get(subject.run), filter)
    : datasetContent(project, project.datasets.byId(subject.dataset), filter)
}

interface Tally {
  objects: number
  patches: number
  masks: number
  polygons: number
  scores: number
}

function countsOf(content: ProjectContent): Tally {
  const tally: Tally = { objects: 0, patches: 0, masks: 0, polygons: 0, scores: 0 }
  for (const { objects } of content.images()) {
    for (const { isPatch, shape, score } of objects) {
      if (isPatch) tally.patches++
      else tally.objects++
      if (shape?.mask) tally.masks++
      if (shape?.polygons) tally.polygons++
      if (score !== undefined) tally.scores++
    }
  }
  return tally
}

/** Everything that is there and is not said to be lost. */
function keptOf(tally: Tally, lost: readonly string[]): Preview['kept'] {
  const names = Object.entries({
    boxes: tally.objects,
    patches: tally.patches,
    masks: tally.masks,
    polygons: tally.polygons,
    scores: tally.scores,
  })
  return names
    .filter(
      ([what, count]) => count > 0 && !lost.some((one) => one.includes(what.replace(/e?s$/, ''))),
    )
    .map(([what, count]) => ({ what, count }))
}

/** Keeps the beginning of the first file that is written. */
class Beginning implements FolderSink {
  readonly #pieces: Buffer[] = []
  #name: string | null = null
  #bytes = 0
  #isFirst = true
  isWhole = true

  get name(): string | null {
    return this.#name
  }

  get bytes(): number {
    return this.#bytes
  }

  file(name: string): { write(piece: string | Uint8Array): void; close(): void } {
    const isFirst = this.#name === null
    this.#name ??= name
    return {
      write: (piece) => {
        this.#isFirst = isFirst
        this.write(piece)
      },
      close: () => undefined,
    }
  }

  write(piece: string | Uint8Array): void {
    const bytes = Buffer.from(piece as Uint8Array) // or a text, which it takes as well
    this.#bytes += bytes.length
    if (this.#isFirst) this.#pieces.push(bytes)
    if (this.#bytes <= ENOUGH_BYTES) return
    this.isWhole = false
    throw new Enough()
  }

  lines(): string[] {
    const text = new TextDecoder().decode(Buffer.concat(this.#pieces).subarray(0, ENOUGH_BYTES))
    return text
      .split(/\r?\n/)
      .slice(0, LINES)
      .map((line) => line.slice(0, LINE_LENGTH))
  }
}

function commandFor(project: Project, { subject, format, params }: Request): string {
  const what =
    'run' in subject
      ? `--run ${subject.run}`
      : `--dataset ${quoted(project.datasets.byId(subject.dataset).name)}`
  // Lists are written with commas, everything else as JSON has it.
  const plain = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  const settings = Object.entries(params ?? {}).map(([key, value]) => {
    const text = Array.isArray(value) ? value.map(plain).join(',') : plain(value)
    return `--set ${quoted(`${key}=${text}`)}`
  })
  return ['patchwarden export', what, `--format ${format}`, ...settings, '--out PATH'].join(' ')
}

const quoted = (text: string) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`

import type { ImageCard } from '../../shared/api'
import { boxDifferences } from '../../shared/metrics/box-differences'
import type { BoxXyxy } from '../../shared/vision'
import type { ImageMarks, ProjectImage, RunMark } from '../../store'
import type { Context } from '../context'
import { pictureVersion, shownName } from '../content-version'
import { foundPatch } from '../library/image-lists'
import { isAppError } from '../is-app-error'
import { labelled } from '../reader/transitions'

export interface CardRequest {
  readonly a?: number | null | undefined
  readonly b?: number | null | undefined
  readonly overlay?: boolean | undefined
}

/** Cells of a grid, in the order of the ids. Pictures that are gone have none. @throws AppError E_ROW_UNKNOWN for runs */
export async function cardsOf(
  context: Context,
  ids: readonly number[],
  { a, b, overlay = false }: CardRequest,
  signal?: AbortSignal,
): Promise<ImageCard[]> {
  const { project, marks } = context
  const ofRun = b == null ? null : marks.of(b)
  const changes = a == null || b == null || a === b ? null : await marks.between(a, b, signal)
  const { images } = project
  const hasCertificates = [true, false].some(
    (certified) => images.count({ certified }, 1).count > 0,
  )
  return ids.flatMap((id) => {
    const image = imageOrNone(context, id)
    if (!image) return []
    const mark = ofRun?.get(id)
    const item =
      b == null || !mark || (!overlay && mark.isDone) ? undefined : project.runs.itemOfImage(b, id)
    return [
      {
        ...headOf(image),
        marks: {
          ...marksOf(context, id, mark, changes?.get(id), hasCertificates),
          failed: item?.error ?? null,
        },
        overlay:
          overlay && item && !item.error
            ? overlayOf(item, changes && a != null ? project.runs.itemOfImage(a, id) : undefined)
            : null,
      },
    ]
  })
}

function imageOrNone({ project }: Context, id: number): ProjectImage | undefined {
  try {
    return project.images.get(id)
  } catch (error) {
    if (isAppError(error, 'E_ROW_UNKNOWN')) return undefined
    throw error
  }
}

function headOf(image: ProjectImage): Omit<ImageCard, 'marks' | 'overlay'> {
  const { id, datasetId, file, fileState, width, height, status, tags } = image
  return {
    ...{ id, datasetId, file, fileState, width, height, status },
    name: shownName(file),
    tags: [...tags],
    version: pictureVersion(image),
  }
}

function marksOf(
  { project }: Context,
  id: number,
  mark: RunMark | undefined,
  changes: ImageMarks | undefined,
  hasCertificates: boolean,
): Omit<ImageCard['marks'], 'failed'> {
  const patches = project.patchesOf(id)
  const withStatus = (...wanted: readonly string[]) =>
    patches.filter(({ status }) => wanted.includes(status)).length
  return {
    patches: mark?.isDone
      ? foundPatch(mark)
        ? Math.max(1, mark.parts ?? 0)
        : 0
      : withStatus('imported', 'accepted'),
    changes: changes ? { ...changes } : null,
    certified: hasCertificates
      ? certifiedOf(
          project.runs.ofImage(id).map(({ id: item }) => item),
          project,
        )
      : null,
    accepted: withStatus('accepted') > 0,
    proposals: withStatus('proposed'),
  }
}

/** true: some object was certified; false: none was, though it was tried; null: nobody has tried. */
function certifiedOf(items: readonly number[], project: Context['project']): boolean | null {
  const answers = items.flatMap((item) => project.certifiedIn(item))
  return answers.length === 0 ? null : answers.includes(true)
}

type FoundItem = NonNullable<ReturnType<Context['project']['runs']['itemOfImage']>>

function overlayOf(item: FoundItem, before: FoundItem | undefined) {
  const text = item.masks['completed'] ?? item.masks['raw']
  const { width, height } = item
  const hasMask = text !== undefined && width !== null && height !== null
  return {
    boxes: item.found.map(({ box }) => edgesOf(box)),
    ...(before && !before.error ? changesOf(before, item) : { kinds: [], lost: [] }),
    mask: hasMask ? { width, height, text } : null,
  }
}

function changesOf(before: FoundItem, after: FoundItem) {
  const kinds = after.found.map((): 'same' | 'gained' | 'moved' | 'relabelled' => 'same')
  const lost: [number, number, number, number][] = []
  for (const { kind, a, b } of boxDifferences(labelled(before.found), labelled(after.found))) {
    const gone = a === null ? undefined : before.found[a]
    if (kind === 'lost') lost.push(...(gone ? [edgesOf(gone.box)] : []))
    else if (b !== null) kinds[b] = kind
  }
  return { kinds, lost }
}

const edgesOf = (box: BoxXyxy): [number, number, number, number] => [...box]

import type { Input } from '../../shared/api'
import type { Context } from '../context'
import type { PatchDrawing, ProjectObject, ProjectPatch } from '../../store'
import { rowUnknown } from '../../store/store-errors'
import { givenPlace, objectOf, patchOf, withDrawnAs, withoutDrawnAs } from './annotation-view'
import type { Handlers, HandlersOf } from './handler'
import { pageOf } from './library'

export const annotationHandlers: Handlers<'annotations.get'> = {
  'annotations.get': ({ project }, { id }) => {
    project.images.get(id)
    return {
      patches: project.patchesOf(id).map(patchOf),
      objects: project.objectsOf(id).map(objectOf),
    }
  },
}

export const patchHandlers: Omit<
  HandlersOf<'patches'>,
  'patches.propose' | 'patches.proposeAll'
> = {
  'patches.list': ({ project }, { status, ids, ...page }) => {
    if (ids) {
      const rows = ids
        .flatMap((id) => project.patchesOf(id))
        .filter((one) => !status || one.status === status)
      return { rows: rows.map(briefOf), next: null }
    }
    const { rows, next } = project.patches(status ? { status } : {}, pageOf(page))
    return { rows: rows.map(briefOf), next }
  },
  'patches.draw': (context, { imageId, ...drawing }) => {
    const { project } = context
    const kind = drawing.drawnAs?.kind ?? 'patch'
    const place = givenPlace(context, imageId, drawing)
    const id = project.edits.drawPatch(
      imageId,
      {
        box: drawing.box,
        ...place,
        ...namesOf(drawing),
        attributes: withDrawnAs({}, drawing.drawnAs),
      },
      kind === 'patch' ? 'Draw a patch' : `Draw ${kind}, patch`,
    )
    context.changed('annotations', [imageId])
    return { patch: patchOf(patchById(context, id)) }
  },
  'patches.change': (context, { id, ...changes }) => {
    const now = patchById(context, id)
    const place = givenPlace(context, now.memberId, changes)
    // What was drawn as a circle is one no more once its pixels were given otherwise.
    const attributes =
      changes.drawnAs !== undefined
        ? withDrawnAs(withoutDrawnAs(now.attributes), changes.drawnAs)
        : place.shape
          ? withoutDrawnAs(now.attributes)
          : null
    context.project.edits.changePatch(
      id,
      { ...place, ...namesOf(changes), ...(attributes ? { attributes } : {}) },
      changeName(context, now, changes),
    )
    context.changed('annotations', [now.memberId])
    return { patch: patchOf(patchById(context, id)) }
  },
  'patches.setStatus': (context, { ids, status }) => {
    const patches = ids.map((id) => patchById(context, id))
    context.project.edits.setPatchStatus(ids, status)
    context.changed('annotations', imagesOf(patches))
    return { patches: ids.map((id) => patchOf(patchById(context, id))) }
  },
  'patches.delete': (context, { ids }) => {
    const patches = ids.map((id) => patchById(context, id))
    context.project.edits.deletePatches(ids)
    context.changed('annotations', imagesOf(patches))
    return {}
  },
  'patches.keepProposals': (context, input) => {
    const { imageId, segmenter, params, proposals } = input
    const given = proposals.map(({ box, shape, drawnAs }) => ({
      memberId: imageId,
      box,
      ...givenPlace(context, imageId, { box, shape }),
      attributes: withDrawnAs({}, drawnAs),
    }))
    const ids = context.project.edits.proposePatches(
      segmenter,
      params,
      given,
      input.accept === true ? 'accepted' : 'proposed',
      input.reviewed === true ? [imageId] : [],
    )
    context.changed('annotations', [imageId])
    return { patches: ids.map((id) => patchOf(patchById(context, id))) }
  },
}

const briefOf = ({ id, memberId, status }: ProjectPatch) => ({ id, imageId: memberId, status })

export const objectHandlers: HandlersOf<'objects'> = {
  'objects.add': (context, { imageId, ...object }) => {
    const { box, isCrowd, attributes } = object
    const id = context.project.edits.addObject(imageId, {
      class: object.class,
      box,
      ...givenPlace(context, imageId, object),
      ...(isCrowd === undefined ? {} : { isCrowd }),
      ...(attributes === undefined ? {} : { attributes }),
    })
    context.changed('annotations', [imageId])
    return { object: objectOf(objectById(context, id)) }
  },
  'objects.change': (context, { id, ...changes }) => {
    const { memberId } = objectById(context, id)
    context.project.edits.changeObject(id, {
      ...givenPlace(context, memberId, changes),
      ...(changes.class === undefined ? {} : { class: changes.class }),
      ...(changes.isCrowd === undefined ? {} : { isCrowd: changes.isCrowd }),
    })
    context.changed('annotations', [memberId])
    return { object: objectOf(objectById(context, id)) }
  },
  'objects.delete': (context, { ids }) => {
    const objects = ids.map((id) => objectById(context, id))
    context.project.edits.deleteObjects(ids)
    context.changed('annotations', imagesOf(objects))
    return {}
  },
}

const imagesOf = (rows: readonly { readonly memberId: number }[]) => [
  ...new Set(rows.map(({ memberId }) => memberId)),
]

function namesOf({
  name,
  target,
}: {
  readonly name?: string | null | undefined
  readonly target?: string | null | undefined
}): Pick<PatchDrawing, 'name' | 'target'> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(target === undefined ? {} : { target }),
  }
}

/** As the history shows it: "Resize patch 2 to 54 × 54 px". */
function changeName(
  { project }: Context,
  patch: ProjectPatch,
  changes: Omit<Input<'patches.change'>, 'id'>,
): string {
  const number = project.patchesOf(patch.memberId).findIndex(({ id }) => id === patch.id) + 1
  const { box } = changes
  if (!box) return `Name patch ${number}`
  const [, , width, height] = box
  if (width !== patch.box[2] || height !== patch.box[3]) {
    return `Resize patch ${number} to ${Math.round(width)} × ${Math.round(height)} px`
  }
  return changes.drawnAs?.kind === 'brush' ? `Brush, patch ${number}` : `Move patch ${number}`
}

function patchById({ project }: Context, id: number): ProjectPatch {
  const patch = project.patch(id)
  if (!patch) throw rowUnknown('patch annotation', id)
  return patch
}

function objectById({ project }: Context, id: number): ProjectObject {
  const object = project.object(id)
  if (!object) throw rowUnknown('object', id)
  return object
}

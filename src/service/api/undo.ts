import { rowUnknown } from '../../store/store-errors'
import { MOST_IMAGES } from '../../store/undo'
import type { Context } from '../context'
import type { HandlersOf } from './handler'

const HISTORY = 200

export const undoHandlers: HandlersOf<'undo'> = {
  'undo.state': ({ project }) => project.undoLog.state(),
  'undo.undo': (context) => step(context, 'undo'),
  'undo.redo': (context) => step(context, 'redo'),
  'undo.history': ({ project }, { imageId, limit = HISTORY }) => {
    const all = project.undoLog.list()
    const touching =
      imageId === undefined
        ? all
        : all.filter(({ id }) => project.undoLog.imagesOf(id).includes(imageId))
    return { steps: touching.slice(0, limit).map((entry) => ({ ...entry })) }
  },
  'undo.goTo': (context, { id }) => {
    const { undoLog } = context.project
    const steps = undoLog.list()
    const target = steps.findIndex((one) => one.id === id)
    if (id !== null && target < 0) throw rowUnknown('step', id)
    // Newest first: what is above the target is to be undone, the target and what is below it is to be done.
    const isAbove = (place: number) => id === null || place < target
    const undo = steps.filter(({ isUndone }, place) => isAbove(place) && !isUndone).length
    const redo = steps.filter(({ isUndone }, place) => !isAbove(place) && isUndone).length
    for (let k = 0; k < undo; k++) step(context, 'undo')
    for (let k = 0; k < redo; k++) step(context, 'redo')
    return { ...undoLog.state(), moved: undo + redo }
  },
}

function step(context: Context, direction: 'undo' | 'redo') {
  const { undoLog } = context.project
  const next = undoLog.next(direction)
  const before = next ? undoLog.imagesOf(next.id) : []
  const done = direction === 'undo' ? undoLog.undo() : undoLog.redo()
  const after = next ? undoLog.imagesOf(next.id) : []
  const imageIds = [...new Set([...before, ...after])]
  if (done !== null) {
    // Where the log names as many as it ever does there may be more.
    const ids = imageIds.length < MOST_IMAGES ? imageIds : null
    context.changed('annotations', ids)
    context.changed('images', ids)
  }
  return { ...undoLog.state(), done, imageIds }
}

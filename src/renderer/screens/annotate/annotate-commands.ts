import type { CommandHandler } from '../../state/commands.svelte'
import { route } from '../../state/route.svelte'
import { viewer } from '../../canvas/viewer.svelte'
import { annotate } from './annotate-state.svelte'
import { closePolygon } from './canvas-tools'
import { history } from './history.svelte'
import { acceptOffered, proposeWithin } from './propose-many'
import { proposing } from './proposing.svelte'
import { review } from './review.svelte'
import { toolIds } from './tools'

type Handlers = Record<string, CommandHandler | (() => void)>

const LARGEST_BRUSH = 400

/** Everything that a key does on the Annotate screen. */
export function annotateCommands(): Handlers {
  const handlers: Handlers = {
    'annotate.next': () => void review.step(1),
    'annotate.previous': () => void review.step(-1),
    'annotate.propose-all': () => void proposeWithin(null),
    'annotate.smaller': () => {
      resize(-1)
    },
    'annotate.larger': () => {
      resize(1)
    },
    'annotate.accept-proposal': () => void accept(),
    'annotate.adjust-proposal': () => void adjust(),
    'annotate.reject-proposal': () => void reject(),
    'annotate.accept': () => void review.decide('accept'),
    'annotate.reject': () => void review.decide('reject'),
    'annotate.undo': () => void history.undo(),
    'annotate.redo': () => void history.redo(),
    'annotate.fit': () => {
      viewer.fit()
    },
    'annotate.actual': () => {
      viewer.actualSize()
    },
    'annotate.zoom-in': () => {
      viewer.zoomBy(1.25)
    },
    'annotate.zoom-out': () => {
      viewer.zoomBy(0.8)
    },
    'annotate.loupe': {
      run: () => {
        viewer.loupe = true
      },
      release: () => {
        viewer.loupe = false
      },
    },
    'annotate.back': () => {
      route.go('image', route.id)
    },
    'annotate.leave': () => {
      leave()
    },
  }
  for (const tool of toolIds) {
    handlers[`annotate.${tool}`] = () => {
      annotate.useTool(tool)
    }
  }
  return handlers
}

/** Enter: closes the polygon, or accepts what the dock shows. */
export async function accept(): Promise<void> {
  if (closePolygon()) return
  if (proposing.current) await acceptOffered(proposing.current)
  else if (annotate.chosenPatch?.patch.status === 'proposed')
    await annotate.setStatus([annotate.chosenPatch.patch.id], 'accepted')
}

/** The proposal becomes an ordinary shape with handles. */
export async function adjust(): Promise<void> {
  await accept()
  annotate.tool = 'select'
}

export async function reject(): Promise<void> {
  if (proposing.isOpen) proposing.drop()
  else if (annotate.chosenPatch?.patch.status === 'proposed')
    await annotate.setStatus([annotate.chosenPatch.patch.id], 'rejected')
  else await annotate.deleteChosen()
}

function resize(by: 1 | -1): void {
  if (proposing.current) void proposing.stepSide(by)
  else {
    const step = Math.max(0.5, Math.round(annotate.brushRadius * 0.15))
    annotate.brushRadius = Math.min(LARGEST_BRUSH, Math.max(0.5, annotate.brushRadius + by * step))
  }
}

/** Esc leaves the shape, then the tool, then the screen. */
function leave(): void {
  if (annotate.corners.length > 0) annotate.corners = []
  else if (proposing.isOpen) proposing.drop()
  else if (annotate.draft) annotate.draft = null
  else if (annotate.chosen) annotate.choose(null)
  else if (annotate.tool !== 'select') annotate.useTool('select')
  else route.go('image', route.id)
}

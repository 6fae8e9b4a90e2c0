import type { CommandHandler } from '../../state/commands.svelte'
import { route } from '../../state/route.svelte'
import { settings, surrounds } from '../../state/settings.svelte'
import { viewer } from '../../canvas/viewer.svelte'
import { blink } from './blink.svelte'
import { imageState } from './image-state.svelte'
import { layerIds, layers } from './layers.svelte'
import { selection } from './selection.svelte'
import { stripStages } from './stages'

/** What the screen itself does. */
export interface ImageActions {
  step(by: 1 | -1): Promise<void>
  correct(): void
  accept(): void
  reject(): void
}

type Handlers = Record<string, CommandHandler | (() => void)>

/** Everything that a key does on the Image screen. */
export function imageCommands(actions: ImageActions): Handlers {
  const handlers: Handlers = {
    'image.next': () => void actions.step(1),
    'image.previous': () => void actions.step(-1),
    'image.differences': () => {
      layers.onlyDifferences = !layers.onlyDifferences
    },
    'image.slider': () => {
      layers.toggleSlider()
    },
    'image.blink': {
      run: () => {
        blink.hold()
      },
      release: () => {
        blink.release()
      },
    },
    'image.blink-repeat': () => {
      layers.toggleBlink()
    },
    'image.fit': () => {
      viewer.fit()
    },
    'image.actual': () => {
      viewer.actualSize()
    },
    'image.zoom-in': () => {
      viewer.zoomBy(1.25)
    },
    'image.zoom-out': () => {
      viewer.zoomBy(0.8)
    },
    'image.loupe': {
      run: () => {
        viewer.loupe = true
      },
      release: () => {
        viewer.loupe = false
      },
    },
    'image.surround': () => {
      const at = surrounds.indexOf(settings.surround)
      settings.surround = surrounds[(at + 1) % surrounds.length] ?? 'dark'
    },
    'image.stage-next': () => {
      stepStage(1)
    },
    'image.stage-previous': () => {
      stepStage(-1)
    },
    'image.detection-next': () => {
      selection.step(1)
    },
    'image.detection-previous': () => {
      selection.step(-1)
    },
    'image.correct': () => {
      actions.correct()
    },
    'image.accept': () => {
      actions.accept()
    },
    'image.reject': () => {
      actions.reject()
    },
    'image.certificate': () => {
      document.querySelector<HTMLElement>('[data-certificate] button')?.focus()
    },
    'image.panels': () => {
      togglePanels()
    },
    'image.back': () => {
      leave()
    },
  }
  layerIds.forEach((id, index) => {
    handlers[`image.layer-${index + 1}`] = () => {
      layers.toggle(id)
    }
    handlers[`image.solo-${index + 1}`] = () => {
      layers.toggleSolo(id)
    }
  })
  return handlers
}

function stepStage(by: 1 | -1): void {
  const result = imageState.b
  if (!result) return
  const stages = stripStages(result).map(({ id }) => id)
  const at = layers.stage === null ? -1 : stages.indexOf(layers.stage)
  const next = stages[(at + by + stages.length) % stages.length]
  if (next) layers.showStage(next)
}

/** Esc leaves first what is chosen, then the screen. */
function leave(): void {
  if (selection.key !== null) selection.clear()
  else if (layers.solo !== null) layers.solo = null
  else route.go('library')
}

const panelNames = ['image.left', 'image.right']

function togglePanels(): void {
  const widths = panelNames.map((name, index) => settings.panel(name, index === 0 ? 248 : 308))
  const anyOpen = widths.some((width) => width > 0)
  panelNames.forEach((name, index) => {
    const width = Math.abs(widths[index] ?? 248)
    settings.setPanel(name, anyOpen ? -width : width)
  })
}

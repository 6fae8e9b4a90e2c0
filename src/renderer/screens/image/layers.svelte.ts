import type { StageId } from './stages'

/** In the order of their keys 1 to 8. */
export const layerIds = [
  'a',
  'b',
  'truth',
  'probability',
  'raw',
  'completed',
  'removed',
  'map',
] as const
export type LayerId = (typeof layerIds)[number]
export const differenceKinds = ['gained', 'lost', 'moved', 'relabelled'] as const
export type DifferenceLayer = (typeof differenceKinds)[number]
export const viewModes = ['before', 'after', 'slider', 'blink', 'side'] as const
export type ViewMode = (typeof viewModes)[number]

const DIMMED = 0.25

const presets: Readonly<Record<StageId, Partial<Record<LayerId, boolean>>>> = {
  source: { probability: false, raw: false, completed: false, removed: false },
  probability: { probability: true, raw: false, completed: false, removed: false },
  raw: { probability: false, raw: true, completed: false, removed: false },
  completed: { probability: false, raw: false, completed: true, removed: false },
  removed: { probability: false, raw: false, completed: true, removed: true },
  boxes: { probability: false, raw: false, completed: false, removed: true },
}

/** What is switched on over the picture, and how the two answers are shown. Kept while pictures and screens change. */
class Layers {
  isOn: Record<LayerId, boolean> = $state({
    a: true,
    b: true,
    truth: false,
    probability: false,
    raw: false,
    completed: true,
    removed: true,
    map: false,
  })
  differences: Record<DifferenceLayer, boolean> = $state({
    gained: true,
    lost: true,
    moved: true,
    relabelled: true,
  })
  onlyDifferences = $state(false)
  solo: LayerId | null = $state(null)
  /** Of masks and probability, 0..1. */
  opacity: Record<'probability' | 'raw' | 'completed', number> = $state({
    probability: 0.64,
    raw: 0.8,
    completed: 0.8,
  })
  mode: ViewMode = $state('slider')
  /** 0..1 of the picture's width. */
  divider = $state(0.5)
  stage: StageId | null = $state('removed')
  /** Boxes with a lower score are not drawn. */
  minScore = $state(0)

  toggle(id: LayerId): void {
    this.isOn[id] = !this.isOn[id]
    this.solo = null
    this.stage = null
  }

  toggleSolo(id: LayerId): void {
    this.solo = this.solo === id ? null : id
    if (this.solo !== null) this.isOn[id] = true
  }

  /** Below 1 while another layer is shown alone. */
  opacityOf(id: LayerId): number {
    return this.solo === null || this.solo === id ? 1 : DIMMED
  }

  showStage(id: StageId): void {
    this.stage = id
    this.solo = null
    Object.assign(this.isOn, presets[id])
    if (this.mode === 'before') this.mode = 'after'
  }

  /** Slider and plain view in turn. */
  toggleSlider(): void {
    this.mode = this.mode === 'slider' ? 'after' : 'slider'
  }

  toggleBlink(): void {
    this.mode = this.mode === 'blink' ? 'after' : 'blink'
  }
}

export const layers = new Layers()

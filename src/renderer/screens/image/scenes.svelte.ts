import type { Mask } from '../../../shared/vision/mask'
import { maskMark, type MaskMark } from '../../canvas/draw-masks'
import { boxLayer, type BoxLayer, type Scene } from '../../canvas/scene'
import { answerRows, type AnswerRow } from './answers'
import { traceMask } from './found-masks'
import { imageState } from './image-state.svelte'
import { layers } from './layers.svelte'
import { itemsOfA, itemsOfB, itemsOfTruth, type BoxChoices } from './marks-of-answers'

/** What the canvas draws, made from what was found and from the switches. */
class Scenes {
  readonly rows: readonly AnswerRow[] = $derived(
    answerRows(
      imageState.a,
      imageState.b?.found ?? null,
      // Crowds are many objects in one box: no single box is right or wrong by them.
      imageState.info?.objects.filter(({ isCrowd }) => !isCrowd) ?? [],
      layers.minScore,
    ),
  )
  readonly raw = $derived(traceMask(imageState.b, 'raw'))
  readonly completed = $derived(traceMask(imageState.b, 'completed'))

  readonly #choices: BoxChoices = $derived({
    showsA: layers.isOn.a,
    showsB: layers.isOn.b,
    showsTruth: layers.isOn.truth,
    differences: { ...layers.differences },
    onlyDifferences: layers.onlyDifferences,
    opacityOf: (id: 'a' | 'b' | 'truth') => layers.opacityOf(id),
  })
  readonly #truth = $derived(itemsOfTruth(imageState.info?.objects ?? [], this.#choices))
  readonly boxesA: BoxLayer = $derived(
    boxLayer([...this.#truth, ...itemsOfA(this.rows, this.#choices)]),
  )
  /** For the picture beside that of A. */
  readonly #boxesB = $derived(
    boxLayer([...this.#truth, ...itemsOfB(this.rows, this.#choices, false)]),
  )
  /** For a picture that stands alone: also what was lost. */
  readonly #boxesAlone = $derived(
    boxLayer([...this.#truth, ...itemsOfB(this.rows, this.#choices, true)]),
  )

  /** Where the certificate that is shown leaves a patch room; set by the screen, which knows the selection. */
  vulnerable: Mask | null = $state.raw(null)

  readonly masks: readonly MaskMark[] = $derived.by(() => {
    const marks: (MaskMark | null)[] = []
    if (layers.isOn.map && this.vulnerable) {
      marks.push(maskMark(this.vulnerable, 'uncertified', layers.opacityOf('map')))
    }
    if (layers.isOn.raw && this.raw) {
      marks.push(maskMark(this.raw, 'raw', layers.opacity.raw * layers.opacityOf('raw')))
    }
    if (layers.isOn.completed && this.completed) {
      marks.push(
        maskMark(
          this.completed,
          'completed',
          layers.opacity.completed * layers.opacityOf('completed'),
        ),
      )
    }
    return marks.filter((mark) => mark !== null)
  })

  readonly before: Scene = $derived({
    picture: imageState.source.image,
    heat: null,
    masks: [],
    boxes: this.boxesA,
  })
  readonly #afterPicture = $derived.by(() => {
    if (layers.stage === 'probability' && imageState.probability.map)
      return imageState.probability.map.whole
    return layers.isOn.removed && imageState.removed.image
      ? imageState.removed.image
      : imageState.source.image
  })
  readonly #heat = $derived.by(() => {
    const map = imageState.probability.map
    if (!map || !layers.isOn.probability || layers.stage === 'probability') return null
    return {
      image: map.layer,
      opacity: layers.opacity.probability * layers.opacityOf('probability'),
    }
  })
  readonly after: Scene = $derived(this.#scene(this.#boxesB))
  readonly alone: Scene = $derived(this.#scene(this.#boxesAlone))

  #scene(boxes: BoxLayer): Scene {
    return { picture: this.#afterPicture, heat: this.#heat, masks: this.masks, boxes }
  }
}

export const scenes = new Scenes()

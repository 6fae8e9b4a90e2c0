import { certifiers } from '../../certificates'
import { AppError } from '../../shared/errors'
import { tensorChannels } from '../../shared/model-card'
import { type CertifierPlugin, parseParams } from '../../shared/plugin'
import type { ClassifierCard, Smoothing } from '../../shared/plugin/classifier-card'

type Values = Readonly<Record<string, unknown>>

/** @throws AppError E_CERTIFIER_UNKNOWN */
export function certifierFor(method: string): CertifierPlugin {
  const certifier = certifiers.get(method)
  if (certifier) return certifier
  throw new AppError(
    'E_CERTIFIER_UNKNOWN',
    `there is no certificate method "${method}"`,
    `Choose one of objectseeker, patch-cleanser, ${[...certifiers.keys()].join(', ')}.`,
  )
}

/**
 * The settings of a certifier for one model: what its card says of its training, then `given`. Settings other than those
 * of the training are sound as well, but get poor votes.
 * @throws AppError E_SETTING_UNKNOWN, E_SETTING_INVALID, E_CERTIFIER_MODEL where the model cannot take such samples
 */
export function certifierSettings(
  certifier: CertifierPlugin,
  card: ClassifierCard,
  given: Values,
): Values {
  const trained = card.output.smoothing
  const params = parseParams(certifier.id, certifier.params, {
    ...encodingOf(certifier.id, card),
    ...(trained ? trainedSettings(certifier.id, trained) : {}),
    ...given,
  })
  const { channelFactor, output } = certifier.describe(params)
  if (output === 'attribution' && card.output.attribution === undefined) {
    throw new AppError(
      'E_CERTIFIER_MODEL',
      `${certifier.id} cannot certify the model "${card.id}": the method needs a score for every value of the picture, and the card names no output with them`,
      'No shipped model has one. Export your classifier with such a second output, the gradient of its largest logit for instance, and name it in its card as output.attribution.',
    )
  }
  const taken = tensorChannels(card.input)
  const { channels, height, width } = card.input
  const { sample, total } = certifier.plan({
    params,
    shape: { channels, height, width },
    classes: card.classes.length,
  })
  const made = sample.channels
  if (total > 0 && made !== taken) {
    throw unfit(
      certifier.id,
      card.id,
      `it takes pictures of ${taken} channels, and samples would have ${made} (${channelFactor} for each of the picture's)`,
      made < taken
        ? 'It is given x and 1 - x of every pixel (input.encoding "pair" in its card): choose a classifier of plain pictures, such as cifar10-gaussian.'
        : 'Set another encoding (--set encoding=…), or choose a classifier that takes so many channels.',
    )
  }
  if (card.input.type === 'uint8') {
    throw unfit(
      certifier.id,
      card.id,
      'it takes bytes, and samples are not made of bytes',
      'Choose a classifier that takes numbers (input.type "float32" in its card), or the method patch-cleanser.',
    )
  }
  return params
}

/** Whether a classifier was trained on pictures of the kind that the method makes: else its votes say little. */
export function isTrainedFor(method: string, { output: { smoothing } }: ClassifierCard): boolean {
  // One needs no model, the other asks it for an explanation, not for votes.
  if (method === 'smoothing-limits' || method === 'certified-saliency') return true
  return smoothing !== undefined && Object.keys(trainedSettings(method, smoothing)).length > 0
}

/** The settings by which pictures were made in training; none where it was for another method. */
function trainedSettings(method: string, trained: Smoothing): Values {
  switch (trained.method) {
    case 'derandomized-smoothing': {
      const { ablation, band, theta } = trained
      return method === trained.method ? { ablation, band, theta } : {}
    }
    case 'randomized-ablation':
      return method === trained.method ? { retained: trained.retained } : {}
    case 'splitting-noise': {
      const { sigma, levels, template } = trained
      return method === trained.method ? { sigma, levels, template } : {}
    }
    case 'gaussian-smoothing': {
      const needsIt = ['gaussian-smoothing', 'certified-confidence', 'smoothing-limits']
      return needsIt.includes(method) ? { sigma: trained.sigma } : {}
    }
  }
}

/** How hidden pixels are told to this model; both ways are sound. */
function encodingOf(method: string, { input: { encoding } }: ClassifierCard): Values {
  if (method === 'derandomized-smoothing') {
    return { encoding: encoding === 'pair' ? 'pair' : 'zero-fill' }
  }
  if (method === 'randomized-ablation') return { encoding: encoding === 'pair' ? 'pair' : 'mean' }
  return {}
}

const unfit = (method: string, model: string, reason: string, hint: string) =>
  new AppError(
    'E_CERTIFIER_MODEL',
    `${method} cannot certify the model "${model}": ${reason}`,
    hint,
  )

import type { z } from 'zod'
import type { JsonValue } from '../dataset/records'
import type { PluginHead } from './kinds'

// Certifiers wrap a classifier: they change the picture many times in a prescribed way, let the classifier vote, and
// say around which pictures the winner provably stays the same. Making samples, running the model, counting votes and
// certifying are apart, so that one runner batches, shows progress, stops early and resumes for all of them.

/** The picture in the model's frame: rows of `width`, `height` rows, `channels` planes. */
export interface PictureShape {
  readonly channels: number
  readonly height: number
  readonly width: number
}

/** A byte picture, channel-major: channel, row, column. `data` has channels * height * width entries. */
export interface SmoothingPicture extends PictureShape {
  readonly data: Uint8Array
  /** What the model expects of a value v of 0..1: (v - mean) / std, per channel. None: v itself. */
  readonly normalization?: ChannelScale
}

export interface ChannelScale {
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/** What an attacker may do, in one norm and one unit. Numbers of different units are never compared. */
export interface ThreatModel {
  readonly norm: 'patch' | 'L0' | 'L1' | 'Lp' | 'L2' | 'W1' | 'none'
  /** The exponent where norm is Lp. */
  readonly p?: number
  /** Unit of radius, such as `px` or `L1 distance on 0..1 pixels`. */
  readonly unit: string
}

export type Guarantee = 'deterministic' | 'probabilistic'

export interface CertifierDescription {
  readonly threat: ThreatModel
  readonly guarantee: Guarantee
  /** Channels of a sample for each channel of the picture: 2 where x and 1 - x are given. */
  readonly channelFactor: 1 | 2
  /** What one run of the base model must return for a sample: logits, or scores of all values of the picture. */
  readonly output: 'logits' | 'attribution'
}

/** One certificate to be made. The same job, picture and index give the same sample, on every machine. */
export interface SmoothingJob<P = unknown> {
  readonly params: P
  readonly shape: PictureShape
  /** Number of classes of the base model; at least 1. */
  readonly classes: number
}

export interface SmoothingPlan {
  /** Base calls in all. Samples have the indices 0..total-1. */
  readonly total: number
  /** Samples below this index choose the class, and the rest, which is fresh, bounds it. 0: all samples do both. */
  readonly selection: number
  /** Shape of one sample. */
  readonly sample: PictureShape
  readonly resumable: boolean
}

/** What a tally keeps: plain data that survives JSON. `next` is the index of the first sample not counted yet. */
export interface TallyState {
  readonly next: number
}

/** What was proven about one picture, before the runner stamps it with the digests of model and picture. */
export interface SmoothingFinding {
  /** Id of the certifier. */
  readonly method: string
  /** The winner, or null: abstain. */
  readonly class: number | null
  /** Votes per class of the samples that certify; empty where the method counts no votes. */
  readonly votes: readonly number[]
  /** Samples that certify. */
  readonly total: number
  /** Largest certified size of the change, in `threat.unit`; 0 where nothing is certified. */
  readonly radius: number
  /** The same in whole units, where these exist: columns, grey levels, pixels. */
  readonly largestInteger?: number
  readonly threat: ThreatModel
  readonly guarantee: Guarantee
  /** Chance that the statement is wrong, per picture, where it is probabilistic. */
  readonly alpha?: number
  /** Confidence bounds on which the radius rests, by name, such as `lower`. */
  readonly bounds?: Readonly<Record<string, number>>
  /** What is proven, in one sentence. */
  readonly statement: string
  /** What the statement rests on and does not cover, one sentence each. */
  readonly assumptions: readonly string[]
  readonly params: Readonly<Record<string, JsonValue>>
  /** More of the same certificate, such as the map over patch places; named by the method. */
  readonly details?: Readonly<Record<string, JsonValue>>
}

/** A finding that names what it is about; it is void once either digest changes. Stored and shown. */
export interface SmoothingCertificate extends SmoothingFinding {
  readonly modelDigest: string
  readonly imageDigest: string
}

export function stampFinding(
  finding: SmoothingFinding,
  digests: { readonly model: string; readonly image: string },
): SmoothingCertificate {
  return { ...finding, modelDigest: digests.model, imageDigest: digests.image }
}

/**
 * Wraps a classifier. All functions are pure: states go in and come out, none is changed.
 * P are the parameters, S what the tally keeps.
 */
export interface CertifierPlugin<
  P extends z.ZodObject = z.ZodObject,
  S extends TallyState = TallyState,
> extends PluginHead<'certifier', P> {
  /** The title and sections of the paper stand in `reference`; this says what the parameters make of it. */
  describe(params: z.output<P>): CertifierDescription
  /** @throws AppError E_SETTING_INVALID where the parameters do not fit the picture */
  plan(job: SmoothingJob<z.output<P>>): SmoothingPlan
  /**
   * Samples from..to-1 as the model takes them: [to - from, channels, height, width] of `plan().sample`. `out`, of that
   * length, may be filled and returned in place of a new array: fresh memory costs more than what is written to it.
   */
  samples(
    picture: SmoothingPicture,
    job: SmoothingJob<z.output<P>>,
    from: number,
    to: number,
    out?: Float32Array,
  ): Float32Array
  begin(job: SmoothingJob<z.output<P>>): S
  /**
   * Counts the model's answers to the samples from..to-1: [to - from, classes], or one score for each value of the
   * picture where `describe().output` is `attribution`. `from` must be `state.next`: nothing is counted twice.
   */
  tally(
    state: S,
    answers: Float32Array,
    job: SmoothingJob<z.output<P>>,
    from: number,
    to: number,
  ): S
  /**
   * Whether the samples still missing can change the answer to "is a change of size `wanted` certified?": true or false
   * where they cannot, null while it is open. Always null for methods that need all samples.
   */
  settled(state: S, wanted: number, job: SmoothingJob<z.output<P>>): boolean | null
  /** Certifies once all samples are counted; before, it certifies less, never more. */
  certify(state: S, job: SmoothingJob<z.output<P>>): SmoothingFinding
}

/** The values of a picture of 0..1, as its model takes them: looked up by channel * 256 + byte. */
export function modelValues({ channels, normalization }: SmoothingPicture): Float64Array {
  const values = new Float64Array(channels * 256)
  for (let channel = 0; channel < channels; channel++) {
    for (let byte = 0; byte < 256; byte++) {
      values[channel * 256 + byte] = modelValue(byte / 255, channel, normalization)
    }
  }
  return values
}

/** One value of 0..1 (or beyond, with noise) as the model takes it. */
export function modelValue(value: number, channel: number, scale?: ChannelScale): number {
  if (scale === undefined) return value
  return (value - (scale.mean[channel] ?? 0)) / (scale.std[channel] ?? 1)
}

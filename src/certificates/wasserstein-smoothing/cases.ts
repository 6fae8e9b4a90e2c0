import { z } from 'zod'
import { clopperPearsonLower } from '../../shared/statistics'
import { type CaseKind, caseKind } from '../case-kind'
import { count, imageBytes, level, size } from '../case-schemas'
import { minimumFlow, wassersteinDistance } from './distances'
import type { MassImage } from './distances'
import { applyFlow, flowLength, totalMass } from './flow'
import { laplaceScale, wassersteinRadii } from './radius'

export const method = 'wasserstein-smoothing'

/** An exact distance of more pixels takes minutes. */
const MOST_PIXELS = 1024

const votes = z
  .object({
    samples: size,
    top_count: count,
    stdev: z.number().positive(),
    alpha_one_sided: level,
  })
  .refine(({ samples, top_count: top }) => top <= samples, 'more votes than samples')

type Nested = readonly (readonly (readonly number[])[])[]

const hasShape = (values: Nested, channels: number, height: number, width: number): boolean =>
  values.length === channels &&
  values.every((rows) => rows.length === height && rows.every((row) => row.length === width))

const flows = z.array(z.array(z.array(z.number())))
const flowRun = z
  .object({
    channels: size,
    height: size,
    width: size,
    image_uint8: imageBytes,
    flow_vertical: flows,
    flow_horizontal: flows,
  })
  .refine(
    ({ image_uint8: image, channels, height, width }) => hasShape(image, channels, height, width),
    'image_uint8 has not the shape channels, height, width',
  )
  .refine(
    ({ flow_vertical: flow, channels, height, width }) =>
      hasShape(flow, channels, height - 1, width),
    'flow_vertical has not the shape channels, height - 1, width',
  )
  .refine(
    ({ flow_horizontal: flow, channels, height, width }) =>
      hasShape(flow, channels, height, width - 1),
    'flow_horizontal has not the shape channels, height, width - 1',
  )

const massRows = z
  .array(z.array(z.number().min(0)).min(1))
  .min(1)
  .refine((rows) => rows.every((row) => row.length === rows[0]?.length), 'rows differ in length')
  .refine(
    (rows) => rows.length * (rows[0]?.length ?? 0) <= MOST_PIXELS,
    `more than ${MOST_PIXELS} pixels`,
  )

export const kinds: Record<string, CaseKind> = {
  certificate: caseKind(votes, (input) => {
    const lower = clopperPearsonLower(input.top_count, input.samples, input.alpha_one_sided)
    const scale = laplaceScale(input.stdev)
    const radii = wassersteinRadii(lower, scale, false)
    const tight = wassersteinRadii(lower, scale, true)
    return {
      lower,
      laplace_scale: scale,
      radius_flow_l1: radii.flowL1,
      radius_wasserstein_l1_ground: radii.l1Ground,
      radius_wasserstein_l2_ground: radii.l2Ground,
      pixel_laplace_radius_wasserstein: radii.pixelLaplace,
      tight_radius_flow_l1: tight.flowL1,
      tight_radius_wasserstein_l2_ground: tight.l2Ground,
    }
  }),

  flow_operator: caseKind(flowRun, (input) => {
    const { channels, height, width } = input
    const image = Float64Array.from(input.image_uint8.flat(2), (byte) => byte / 255)
    const flow = {
      vertical: Float64Array.from(input.flow_vertical.flat(2)),
      horizontal: Float64Array.from(input.flow_horizontal.flat(2)),
    }
    const output = applyFlow(image, input, flow)
    const rowAt = (row: number) => Array.from(output.subarray(row * width, (row + 1) * width))
    return {
      total_mass: totalMass(image),
      output: Array.from({ length: channels }, (_, channel) =>
        Array.from({ length: height }, (_, row) => rowAt(channel * height + row)),
      ),
      flow_l1: flowLength(flow),
    }
  }),

  distances: caseKind(z.object({ first: massRows, second: massRows }), (input) => {
    const [first, second] = [massImage(input.first), massImage(input.second)]
    return {
      w1_l1_ground: wassersteinDistance(first, second, 'l1'),
      w1_l2_ground: wassersteinDistance(first, second, 'l2'),
      minimum_flow_l1: minimumFlow(first, second),
    }
  }),
}

function massImage(rows: readonly (readonly number[])[]): MassImage {
  return {
    width: rows[0]?.length ?? 0,
    height: rows.length,
    data: Float64Array.from(rows.flat()),
  }
}

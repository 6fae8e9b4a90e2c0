import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { procedures, type ImageCard, type ProcedureName } from '../../../src/shared/api'
import type { Service } from '../../../src/service/create-service'
import { temporaryFolder } from '../../engine/temporary-folder'
import { declaredProcedures, type Subject } from './declared-procedures'
import { ask, openService, withSample } from './open-service'
import { copySampleProject } from './sample-project'

/** The drawn scenes of the sample, both shipped models, real processes. */
export interface Sample {
  /** Its answers are checked against their schemas, which the renderer rests on. */
  readonly service: Service & { readonly folder: string }
  /** The bare run, and the defended one. */
  readonly a: number
  readonly b: number
  readonly dataset: number
  /** Of all pictures, most changed first, with what is drawn over them. */
  readonly cards: readonly ImageCard[]
  /** The card of the first picture whose name begins so. */
  readonly card: (name: string) => ImageCard
  /** A folder of this machine in which typed paths are allowed. */
  readonly outside: string
}

/**
 * Tests of the procedures that `declared-procedures.ts` names for `subject`, in the order in which people ask them, over
 * one service with a copy of the sample; with `makesSample` the project is new, and the sample added to it. Fails where
 * a declared procedure was not asked and answered.
 */
export function procedureTests(
  subject: Subject,
  tests: (sample: () => Sample) => void,
  { makesSample = false } = {},
): void {
  const outside = temporaryFolder()
  const folder = temporaryFolder()
  const answered = new Set<ProcedureName>()
  let sample: Sample | undefined

  describe(`procedures: ${subject}`, () => {
    beforeAll(async () => {
      if (!makesSample) await copySampleProject(join(folder, 'project'))
      const service = recording(await openService(folder, [outside]), answered)
      const { a, b, dataset } = await (makesSample ? withSample(service) : sampleOf(service))
      const cards = await cardsOf(service, a, b)
      const card = (name: string) => found(cards, name)
      sample = { service, a, b, dataset, cards, card, outside }
    })
    afterAll(async () => {
      await sample?.service.close()
    })
    tests(() => {
      if (!sample) throw new Error('the sample is there when tests run, not before')
      return sample
    })
    test('each of them was asked and answered', ({ task }) => {
      expect(task.file.name).toMatch(new RegExp(`/${subject}-procedures\\.test\\.ts$`))
      expect(declaredProcedures[subject].filter((name) => !answered.has(name))).toEqual([])
    })
  })
}

/** The same service; what was answered is noted, and has to fit its schema. */
function recording<S extends Service>(service: S, answered: Set<ProcedureName>): S {
  const call: Service['call'] = async (name, input, signal) => {
    const answer = await service.call(name, input, signal)
    if (answer.ok) {
      procedures[name].output.parse(answer.value)
      answered.add(name)
    }
    return answer
  }
  return { ...service, call }
}

/** Of a project that has the sample already. */
async function sampleOf(service: Service): Promise<{ a: number; b: number; dataset: number }> {
  const { pair } = await ask(service, 'project.info', {})
  const { datasets } = await ask(service, 'datasets.list', {})
  return { a: pair.a ?? 0, b: pair.b ?? 0, dataset: datasets[0]?.id ?? 0 }
}

async function cardsOf(service: Service, a: number, b: number): Promise<ImageCard[]> {
  const { ids } = await ask(service, 'images.ids', { order: { by: 'change', a, b } })
  return (await ask(service, 'images.cards', { ids, a, b, overlay: true })).cards
}

function found(cards: readonly ImageCard[], name: string): ImageCard {
  const card = cards.find((one) => one.name.startsWith(name))
  if (!card) throw new Error(`no card ${name}`)
  return card
}

import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { ask, jobEnd, openService } from '../service/api/open-service'
import { permanentFolder } from '../support/permanent-folder'
import { startPatchwarden, until } from '../support/program'
import { withProject } from '../support/project-program'

const root = permanentFolder('certify-resume')
const scenes = join(root, 'scenes')
// Long enough to be cut off in the middle: what is counted is kept after half a second.
const method = ['--method', 'randomized-ablation', '--model', 'mnist-ablation']
const samples = ['--set', 'selection=300', '--set', 'estimation=1500']
const command = ['certify', scenes, ...method, ...samples, '--store']
const document = z.object({
  about: z.looseObject({ run: z.object({ id: z.number() }) }),
  images: z.array(z.object({ certificates: z.array(z.looseObject({ total: z.number() })) })),
})

beforeAll(async () => {
  mkdirSync(scenes)
  const { run } = withProject(join(root, 'any'))
  expect((await run(['scenes', '--out', scenes, '--count', '1'])).code).toBe(0)
})

test('what was killed on the command line goes on inside its picture in the app, to the same bytes', async () => {
  const whole = document.parse(await withProject(join(root, 'whole')).json(command))

  const own = join(root, 'own')
  const { env, json, run } = withProject(join(own, 'project'))
  const { child, ended } = startPatchwarden(command, { env })
  const kept = join(own, 'project/.partial')
  await until(() => (existsSync(kept) && readdirSync(kept).some(isKept)) || child.exitCode !== null)
  child.kill('SIGKILL')
  expect((await ended).code).toBeNull()
  const [name = ''] = readdirSync(kept).filter(isKept)
  const partial = z.object({ state: z.object({ next: z.number() }) })
  const { state } = partial.parse(JSON.parse(readFileSync(join(kept, name), 'utf8')))
  expect(state.next).toBeGreaterThan(0)

  const service = await openService(own)
  const { rows: runs } = await ask(service, 'runs.list', {})
  expect(runs).toMatchObject([{ kind: 'certify', done: 0, canResume: true }])
  const { jobId } = await ask(service, 'runs.resume', { id: runs[0]?.id ?? 0 })
  expect(await jobEnd(service, jobId)).toMatchObject({ state: 'done' })
  expect(existsSync(kept)).toBe(false)
  await service.close()

  const list = ['certify', '--list', String(runs[0]?.id)]
  expect(document.parse(await json(list)).images).toMatchObject(whole.images)
  expect((await run(command)).stderr).toContain('nothing to compute')
})

const isKept = (name: string): boolean => name.endsWith('.json')

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Jobs } from '../../src/service/jobs'
import { listStudies, removeStudy, startStudy, studyResult } from '../../src/service/studies'
import { newProject } from '../store/support'
import { errorCodes, packageRoot, patchwarden, temporaryFolder } from '../support/program'
import { withProject } from '../support/project-program'

const miniature = (name: string) => join(packageRoot, 'test/fixtures/miniatures', name)

describe('study', () => {
  test('d3s: one JSON document, every share with its count', async () => {
    const { code, stdout } = await patchwarden([
      ...['study', 'd3s', miniature('d3s'), '--model', 'patchwarden-nano'],
      ...['--map', 'tabby=cat', '--with-rejected', '--epochs', '2', '--json'],
    ])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      dataset: 'd3s',
      model: { id: 'patchwarden-nano' },
      accuracy: { pictures: 10 },
      probes: { trainingPictures: 6 },
      failed: 0,
    })
  })

  test('d3s: tables, and what is our reading', async () => {
    const args = ['study', 'd3s', miniature('d3s'), '--epochs', '2', '--with-rejected']
    const { code, stdout } = await patchwarden(args)
    expect(code).toBe(0)
    expect(stdout).toContain('colour and gradient statistics')
    expect(stdout).toContain('our reading: usual background')
  })

  test('om-imagenet', async () => {
    const args = ['study', 'om-imagenet', miniature('om-imagenet'), '--model', 'cifar10-columns']
    const { code, stdout } = await patchwarden([...args, '--map', 'car=automobile'])
    expect(code).toBe(0)
    expect(stdout).toContain('exact sign test')
    expect(stdout).toContain('nearest class mean of latents')
  })

  test('an answer that is kept can be listed and shown', async () => {
    const { run, json } = withProject(join(temporaryFolder(), 'project'))
    const args = ['study', 'om-imagenet', miniature('om-imagenet'), '--model', 'cifar10-columns']
    const answer = await json([...args, '--map', 'car=automobile', '--store', 'manifold'])
    const listed = await json(['study', 'list'])
    expect(listed).toMatchObject([
      { id: 1, name: 'manifold', kind: 'om-imagenet', state: 'done', hasResult: true },
    ])
    expect(await json(['study', 'show', '1'])).toEqual(answer)
    expect((await run(['study', 'show', '1'])).stdout).toContain('exact sign test')
    expect((await run(['study', 'list'])).stdout).toContain('manifold')
    const missing = await run(['study', 'show', '7'])
    expect(missing.code).toBe(2)
    expect(errorCodes(missing.stderr)).toEqual(['E_ROW_UNKNOWN'])
  }, 60_000)

  test.each([
    ['a class that is in no list', ['d3s', miniature('d3s'), '--map', 'x=y'], 'E_CLASS_UNKNOWN'],
    ['a map of one name', ['d3s', miniature('d3s'), '--map', 'x'], 'E_USAGE'],
    ['no model', ['om-imagenet', miniature('om-imagenet')], 'E_USAGE'],
    [
      'a segmenter',
      ['om-imagenet', miniature('om-imagenet'), '--model', 'sac-lite'],
      'E_MODEL_TASK',
    ],
    ['another data set', ['d3s', miniature('om-imagenet')], 'E_NO_ANNOTATIONS'],
    ['a folder that is not there', ['d3s', miniature('nowhere')], 'E_FILE_NOT_FOUND'],
  ])('%s', async (_, args, code) => {
    const ended = await patchwarden(['study', ...args])
    expect(ended.code).toBe(2)
    expect(errorCodes(ended.stderr)).toEqual([code])
  })
})

test('a study of the project is cancelled at once, and its job says so', async () => {
  await using project = await newProject()
  const request = {
    ...{ kind: 'om-imagenet' as const, path: miniature('om-imagenet'), natural: null },
    ...{ model: 'cifar10-columns', limit: 1_000, chosenClasses: {}, threads: 1 },
  }
  const locations = { packageRoot, projectDir: project.folder, cacheDir: project.folder }
  const order = { name: 'cut off', request, locations }
  const job = startStudy(project, new Jobs(project), order, { onFault: () => undefined })
  const start = performance.now()
  job.cancel()
  await expect(job.finished).rejects.toThrow('cancelled')
  expect(performance.now() - start).toBeLessThan(1_000)
  expect(listStudies(project).rows).toMatchObject([
    { name: 'cut off', state: 'cancelled', hasResult: false, request },
  ])
  expect(() => studyResult(project, job.id)).toThrow(
    expect.objectContaining({ code: 'E_STUDY_NO_RESULT' }),
  )
  removeStudy(project, job.id)
  expect(listStudies(project).rows).toEqual([])
})

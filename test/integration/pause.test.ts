import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import folderImporter from '../../src/datasets/folder/importer'
import { programFile } from '../../src/engine/program-file'
import type { ExportRequest } from '../../src/service/export-job'
import { exportOrder, runExport } from '../../src/service/export-start'
import { importDataset } from '../../src/service/import-job'
import { openImportPlace } from '../../src/service/import-place'
import { Jobs, type RunningJob } from '../../src/service/jobs'
import { computeRun } from '../../src/service/run-job'
import { openRun } from '../../src/service/run-order'
import { runReport } from '../../src/service/run-report'
import { datasetSubjects } from '../../src/service/run-subjects'
import { openProject, type Project } from '../../src/store'
import { importSample, newProject } from '../store/support'
import { packageRoot, startPatchwarden, temporaryFolder } from '../support/program'
import { withProject } from '../support/project-program'
import { folderWithPhotos } from '../support/scene-photos'

const { photos } = folderWithPhotos(6)
const COPIES = 6

/** The photographs several times, each with a byte of its own behind its end, so that no two are equal. */
function manyPhotos(): string {
  const folder = join(temporaryFolder(), 'many')
  mkdirSync(folder)
  for (const name of readdirSync(photos)) {
    for (let k = 0; k < COPIES; k++) {
      const bytes = Buffer.concat([readFileSync(join(photos, name)), Buffer.from([k])])
      writeFileSync(join(folder, `${k}-${name}`), bytes)
    }
  }
  return folder
}

/** Resolves once the job has done so much. */
function reached(job: RunningJob<unknown>, done: number): Promise<void> {
  return new Promise((resolve) => {
    job.onProgress((progress) => {
      if (progress.done >= done) resolve()
    })
  })
}

/** Waits for the job to end, and answers how long that took from now, in milliseconds. */
async function endedAfter(job: RunningJob<unknown>): Promise<number> {
  const start = performance.now()
  await job.finished.catch(() => undefined)
  return performance.now() - start
}

/** The job that a dead process left, and how many results of its run are stored. */
async function interruptedJob(folder: string) {
  await using project = await openProject(folder)
  const [job] = new Jobs(project).interrupted()
  if (!job) throw new Error('no job was left')
  return { ...job, stored: project.runs.get(job.runId ?? 0).done }
}

describe('a run', () => {
  const total = 6 * COPIES

  async function photosProject(folder: string): Promise<Project> {
    const project = await newProject()
    const place = await openImportPlace(folder, project.folder)
    const params = folderImporter.params.parse({})
    await importDataset(project, place, { name: 'many', importer: folderImporter, params })
    return project
  }

  function started(project: Project) {
    const dataset = project.datasets.byName('many')
    const run = openRun(project, {
      ...{ name: 'r', kind: 'detect', determination: 'd', about: {}, dataset, files: [] },
      ...{ classNames: Array.from({ length: 80 }, (_, k) => `class ${k}`), total },
    })
    const locations = { packageRoot, projectDir: project.folder, cacheDir: project.folder }
    const task = { kind: 'detect' as const, detector: 'patchwarden-nano', compare: false }
    const order = { kind: 'run', name: 'r', manifest: { run: run.id }, runId: run.id }
    const job = new Jobs(project).start(order, (control) =>
      computeRun(
        project,
        {
          ...{ run, determination: 'd', total, workers: 1, workerEntry: programFile('worker') },
          subjects: () => datasetSubjects(project, dataset),
          job: { locations, task, threads: 1, seed: 0 },
        },
        control,
      ),
    )
    return { run, job }
  }

  test('pauses, computes nothing meanwhile, goes on to the same results, and counts its items', async () => {
    const folder = manyPhotos()
    await using calm = await photosProject(folder)
    const undisturbed = started(calm)
    await undisturbed.job.finished

    await using project = await photosProject(folder)
    const { run, job } = started(project)
    await reached(job, 4)
    job.pause()
    await sleep(1_000) // what was under way ends
    const { done } = project.runs.get(run.id)
    expect(done).toBeGreaterThanOrEqual(4)
    expect(done).toBeLessThan(total)
    expect(project.jobs.get(job.id)).toMatchObject({ state: 'paused', total, done, failed: 0 })
    await sleep(1_000)
    expect(project.runs.get(run.id).done).toBe(done)
    job.resume()
    expect(await job.finished).toMatchObject({ failed: 0 })
    expect(project.jobs.get(job.id)).toMatchObject({ state: 'done', total, done: total })
    expect(runReport(project, run).images).toEqual(runReport(calm, undisturbed.run).images)
  }, 120_000)

  test('is cancelled within a second, and the same order goes on with its items', async () => {
    await using project = await photosProject(manyPhotos())
    const { run, job } = started(project)
    await reached(job, 2)
    job.cancel()
    expect(await endedAfter(job)).toBeLessThan(1_000)
    expect(project.jobs.get(job.id).state).toBe('cancelled')
    const { done } = project.runs.get(run.id)
    expect(project.jobs.get(job.id)).toMatchObject({ total, done })
    const again = started(project)
    expect(again.run.id).toBe(run.id)
    expect(await again.job.finished).toMatchObject({ computed: total - done, known: done })
    expect(project.jobs.get(again.job.id)).toMatchObject({ state: 'done', total, done: total })
  }, 120_000)

  test('that was killed is found with what it has done, and the same command finishes it', async () => {
    const root = temporaryFolder()
    const program = withProject(join(root, 'project'))
    await program.json(['import', manyPhotos(), '--dataset', 'many'])
    const args = ['detect', '--dataset', 'many', '--store', '--workers', '1']
    const { child, ended } = startPatchwarden(args, { env: program.env })
    const path = join(root, 'project')
    for (let done = 0; done < 3;) {
      await sleep(50)
      await using project = await openProject(path, { readonly: true })
      done = project.jobs.list('running').rows[0]?.done ?? 0
    }
    child.kill('SIGKILL')
    await ended
    const killed = await interruptedJob(path)
    expect(killed).toMatchObject({ kind: 'run', total })
    expect(killed.done).toBeGreaterThanOrEqual(3)
    expect(killed.stored).toBeGreaterThanOrEqual(killed.done)
    await program.json(args)
    await using project = await openProject(path, { readonly: true })
    expect(project.jobs.get(killed.id)).toMatchObject({ state: 'done', total, done: total })
  }, 120_000)
})

describe('an export', () => {
  const images = 5_000

  async function largeProject() {
    const project = await newProject()
    await importSample(project, 'large', { images, objectsEach: 3, patchEvery: 5 })
    return project
  }

  function started(project: Project, out: string) {
    const request: ExportRequest & { readonly out: string } = {
      subject: { dataset: project.datasets.byName('large').id },
      ...{ filter: {}, format: 'coco', params: {}, out, copyImages: false, replace: false },
    }
    const steps = { onLosses: () => undefined }
    return new Jobs(project).start(exportOrder('large', request), (control) =>
      runExport(project, request, steps, control),
    )
  }

  test('pauses, writes nothing meanwhile, and goes on to the same bytes', async () => {
    await using project = await largeProject()
    const folder = temporaryFolder()
    const calm = join(folder, 'calm.json')
    await started(project, calm).finished
    const out = join(folder, 'paused.json')
    const job = started(project, out)
    await reached(job, 1)
    job.pause()
    await sleep(1_000)
    const { progress } = job
    expect(project.jobs.get(job.id)).toMatchObject({ state: 'paused', total: 1, done: 0 })
    await sleep(1_500)
    expect(job.progress).toEqual(progress)
    expect(existsSync(out)).toBe(false)
    job.resume()
    expect(await job.finished).toMatchObject({ images })
    expect(readFileSync(out)).toEqual(readFileSync(calm))
    expect(project.jobs.get(job.id)).toMatchObject({ state: 'done', total: 1, done: 1 })
    expect(readdirSync(project.folder).filter((name) => name.startsWith('.paused'))).toEqual([])
  }, 120_000)

  test.each([false, true])(
    'is cancelled within a second and leaves nothing (paused: %s)',
    async (paused) => {
      await using project = await largeProject()
      const folder = temporaryFolder()
      const job = started(project, join(folder, 'out.json'))
      await reached(job, 1)
      if (paused) {
        job.pause()
        await sleep(300)
      }
      job.cancel()
      expect(await endedAfter(job)).toBeLessThan(1_000)
      expect(project.jobs.get(job.id)).toMatchObject({ state: 'cancelled', done: 0 })
      expect(readdirSync(folder)).toEqual([])
    },
    120_000,
  )

  test('clears away what one has left that died, and nothing else', async () => {
    await using project = await largeProject()
    const folder = temporaryFolder()
    // No system gives out such a number.
    const left = join(folder, '.patchwarden-export-4194305-0123456789ab.new')
    const before = join(folder, '.patchwarden-export-4194305-0123456789ab.old')
    const alive = join(folder, `.patchwarden-export-${process.pid}-0123456789ab.new`)
    for (const path of [left, before, alive]) writeFileSync(path, 'x')
    await started(project, join(folder, 'out.json')).finished
    expect([left, before, alive].map((path) => existsSync(path))).toEqual([false, true, true])
  }, 120_000)
})

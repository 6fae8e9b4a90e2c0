import { writeSync } from 'node:fs'
import { openProject, type Project } from '../../src/store'
import { sampleRecords } from './sample-records'

// Works on a project until it is killed, and says on its output what was confirmed to it: see crash.test.ts.

const [folder = '', seedText = '1', mode = 'until killed'] = process.argv.slice(2)
const RESULTS = 400

const say = (what: string): void => {
  writeSync(1, `${what}\n`)
}

const project = await openProject(folder)
say('open')
const run = project.runs.list().rows[0]?.id ?? startRun(project)
const job = project.jobs.list().rows[0]?.id ?? startJob(project)
if (project.jobs.get(job).state !== 'running') project.jobs.setState(job, 'running')
const seed = Number(seedText)

if (mode === 'to the end') {
  while (await someResults()) continue
} else {
  for (let turn = 0; ; turn++) {
    await someResults()
    someEdits(turn)
    await someImport(turn)
  }
}
await project.close()

/** Takes items of the job, stores their results, then settles them; false if none is left. */
async function someResults(): Promise<boolean> {
  const items = project.jobs.claim(job, 7)
  const settled = items.map(async ({ key }) => {
    if (!project.runs.hasResult(key)) {
      await project.runs.storeResult(run, resultOf(key))
      say(`result ${key}`)
    }
    await project.jobs.itemDone(job, key)
    say(`item ${key}`)
  })
  await Promise.all(settled)
  return items.length > 0
}

function someEdits(turn: number): void {
  const image = project.images.list({}, { limit: 1 }).rows[0]
  if (!image) return
  for (let k = 0; k < 3; k++) {
    const name = `${seed}-${turn}-${k}`
    project.edits.drawPatch(image.id, { box: [k, 0, 5, 5], name })
    say(`edit ${name}`)
  }
}

async function someImport(turn: number): Promise<void> {
  const name = `set ${seed}-${turn}`
  const records = sampleRecords({ images: 40, objectsEach: 2, patchEvery: 4 })
  await project.datasets.import({ name, importer: 'test', root: `/${name}` }, records)
  say(`import ${name}`)
}

function startRun(target: Project): number {
  const order = { name: 'r', kind: 'detect', manifest: {}, classNames: ['a', 'b'], total: RESULTS }
  return target.runs.start(order)
}

function startJob(target: Project): number {
  const id = target.jobs.create({ kind: 'run', name: 'j', manifest: {} })
  const items = Array.from({ length: RESULTS }, (_, k) => ({ key: `key-${k}`, payload: k }))
  target.jobs.addItems(id, items)
  return id
}

function resultOf(key: string) {
  const k = Number(key.slice(4))
  return {
    key,
    file: `${key}.jpg`,
    detections: [{ box: [k, 1, k + 9, 10] as const, score: (k % 90) / 100, classId: k % 2 }],
    masks: { raw: '04' },
    notes: { k },
    warnings: [],
    stages: [],
  }
}

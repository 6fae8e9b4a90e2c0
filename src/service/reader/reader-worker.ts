import { toErrorRecord } from '../../shared/errors'
import { openProject, type Project } from '../../store'
import { answerQuestion } from './answers'
import { examineProject } from './examine-project'
import type { FromReader, ToReader } from './messages'

// The program of the reading process: questions about a project come, answers go back. It writes nothing.

let opened: { readonly folder: string; readonly project: Promise<Project> } | null = null
let turn: Promise<unknown> = Promise.resolve()

process.on('message', (message) => {
  const told = message as ToReader // from reader.ts of the same build
  turn = turn.then(() => answer(told))
})
// Ctrl-C reaches every process of the terminal; the parent decides when this one ends.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit(0))

async function answer({ id, folder, name, input }: ToReader): Promise<void> {
  try {
    const value =
      name === 'project.doctor'
        ? await examineProject(folder, input)
        : answerQuestion(name, await projectIn(folder), input)
    tell({ id, value })
  } catch (error) {
    tell({ id, error: toErrorRecord(error) })
  }
}

function projectIn(folder: string): Promise<Project> {
  if (opened?.folder === folder) return opened.project
  const project = openProject(folder, { readonly: true })
  opened = { folder, project }
  // One that cannot be opened now is tried again by the next question.
  project.catch(() => (opened = null))
  return project
}

const tell = (message: FromReader): void => {
  process.send?.(message, undefined, {}, () => undefined)
}

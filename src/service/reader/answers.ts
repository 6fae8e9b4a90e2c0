import type { Output } from '../../shared/api'
import { procedures } from '../../shared/api'
import type { Project } from '../../store'
import { imagesBehind } from './behind'
import { certifiedCurves } from './certified-curves'
import { coverage } from './coverage'
import { exportPreview } from './export-preview'
import type { ProjectQuestion } from './messages'
import { curves, perClass } from './scores'
import { summary } from './summary'
import { times } from './times'
import { transitions } from './transitions'

/** Answers a question about a project. @throws AppError whatever is wrong with it */
export function answerQuestion(
  name: ProjectQuestion,
  project: Project,
  input: unknown,
): Output<ProjectQuestion> {
  switch (name) {
    case 'results.summary':
      return summary(project, procedures[name].input.parse(input))
    case 'results.perClass':
      return perClass(project, procedures[name].input.parse(input))
    case 'results.precisionRecall':
      return curves(project, procedures[name].input.parse(input))
    case 'results.coverage':
      return coverage(project, procedures[name].input.parse(input))
    case 'results.times':
      return times(project, procedures[name].input.parse(input))
    case 'results.transitions':
      return transitions(project, procedures[name].input.parse(input))
    case 'results.images':
      return imagesBehind(project, procedures[name].input.parse(input))
    case 'certificates.curves':
      return certifiedCurves(project, procedures[name].input.parse(input))
    case 'export.preview':
      return exportPreview(project, procedures[name].input.parse(input))
  }
}

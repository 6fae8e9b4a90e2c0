import { describe, test } from 'vitest'
import { ablationChecks } from './checks/ablation'
import { footprintChecks } from './checks/footprint'
import { fractionalChecks } from './checks/fractional'
import { fractionalCertifierChecks } from './checks/fractional-certifier'
import { greyLevelChecks } from './checks/grey-levels'
import { certifierChecks } from './checks/certifiers'
import { derandomizedChecks } from './checks/derandomized'
import { derandomizedCertifierChecks } from './checks/derandomized-certifier'
import { sourcePatchChecks } from './checks/source-patch'
import { splittingCertifierChecks } from './checks/splitting-certifier'
import { caseImageChecks, voteChecks } from './checks/votes'
import type { Load } from './checks/check'

// Thorough in `npm run mutation`, which counts on these properties; a tenth of it is what every mutant is asked.
const EFFORT = process.env['MUTANTS'] === undefined ? 0.1 : 1

const modules = import.meta.glob('../../src/certificates/**/*.ts', { eager: true })
// Each check names the type of the module that it asks for.
const load: Load = <T>(file: string) => modules[`../../src/certificates/${file}.ts`] as T

describe.each([
  ['votes', voteChecks],
  ['pictures of cases', caseImageChecks],
  ['derandomized smoothing', derandomizedChecks],
  ['findings of derandomized smoothing', derandomizedCertifierChecks],
  ['footprints', footprintChecks],
  ['patches in pixels of the source', sourcePatchChecks],
  ['randomized ablation', ablationChecks],
  ['splitting noise', greyLevelChecks],
  ['findings of splitting noise', splittingCertifierChecks],
  ['fractional Lp', fractionalChecks],
  ['findings of fractional Lp', fractionalCertifierChecks],
  ['certifier of derandomized smoothing', certifierChecks('derandomized-smoothing')],
  ['certifier of randomized ablation', certifierChecks('randomized-ablation')],
  ['certifier of splitting noise', certifierChecks('splitting-noise')],
  ['certifier of fractional Lp', certifierChecks('fractional-lp')],
])('%s', (_, checks) => {
  test.each(checks)('$name', ({ run }) => {
    run(load, EFFORT)
  })
})

import { describe, test } from 'vitest'
import { ablationChecks } from './checks/ablation'
import { fractionalChecks } from './checks/fractional'
import { greyLevelChecks } from './checks/grey-levels'
import { certifierChecks } from './checks/certifiers'
import { derandomizedChecks } from './checks/derandomized'
import { caseImageChecks, voteChecks } from './checks/votes'
import type { Load } from './checks/check'

const modules = import.meta.glob('../../src/certificates/**/*.ts', { eager: true })
// Each check names the type of the module that it asks for.
const load: Load = <T>(file: string) => modules[`../../src/certificates/${file}.ts`] as T

describe.each([
  ['votes', voteChecks],
  ['pictures of cases', caseImageChecks],
  ['derandomized smoothing', derandomizedChecks],
  ['randomized ablation', ablationChecks],
  ['splitting noise', greyLevelChecks],
  ['fractional Lp', fractionalChecks],
  ['certifier of derandomized smoothing', certifierChecks('derandomized-smoothing')],
  ['certifier of randomized ablation', certifierChecks('randomized-ablation')],
  ['certifier of splitting noise', certifierChecks('splitting-noise')],
  ['certifier of fractional Lp', certifierChecks('fractional-lp')],
])('%s', (_, checks) => {
  test.each(checks)('$name', ({ run }) => {
    run(load, 1)
  })
})

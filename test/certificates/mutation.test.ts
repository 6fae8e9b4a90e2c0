import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ablationChecks } from './checks/ablation'
import { certifierChecks } from './checks/certifiers'
import type { Check } from './checks/check'
import { derandomizedChecks } from './checks/derandomized'
import { derandomizedCertifierChecks } from './checks/derandomized-certifier'
import { footprintChecks } from './checks/footprint'
import { fractionalChecks } from './checks/fractional'
import { fractionalCertifierChecks } from './checks/fractional-certifier'
import { greyLevelChecks } from './checks/grey-levels'
import { sourcePatchChecks } from './checks/source-patch'
import { splittingCertifierChecks } from './checks/splitting-certifier'
import { testFileChecks } from './checks/test-files'
import { vectorCheck } from './checks/vectors'
import { caseImageChecks, voteChecks } from './checks/votes'
import { isEquivalent, staleEquivalents } from './mutation/equivalent'
import { isCaught } from './mutation/judge'
import { loadWith, reaches, sourcePath } from './mutation/load-source'
import { mutantsOf } from './mutation/mutants'
import { readVectors } from './support/fixtures'

// Faults planted in the certificates must be caught by their reference cases and properties: 90 % in each file. All of
// them take half an hour (`npm run mutation`); without MUTANTS=all a few faults of a few files are tried, to see that
// planting and catching work. MUTANTS=splitting-noise tries all of one folder; commas between several.

const asked = (process.env['MUTANTS'] ?? '').split(',')
const SAMPLE = 3
/** Files with quick checks, of each way to check: cases, properties, tests of files. */
const SAMPLED = [
  'vote-margin',
  'splitting-noise/levels',
  'randomized-ablation/radius',
  'smoothing-limits/limits',
  '../shared/statistics/last-true',
]

const documents = readVectors()
/** Checks are loaded for the files that are tried, and no others. */
type Checks = () => readonly Check[]
const folders: readonly (readonly [string, Checks, readonly string[]])[] = [
  [
    'derandomized-smoothing',
    () => [...derandomizedChecks, ...derandomizedCertifierChecks, ...sourcePatchChecks],
    [
      'ablation',
      'axis',
      'cases',
      'certificate',
      'certifier',
      'combinations',
      'encode',
      'settings',
      'source-patch',
    ],
  ],
  [
    'randomized-ablation',
    () => [...testFileChecks('certificates/settings'), ...ablationChecks],
    ['cases', 'certifier', 'encode', 'radius'],
  ],
  [
    'splitting-noise',
    () => [...greyLevelChecks, ...splittingCertifierChecks],
    ['cases', 'certificate', 'certifier', 'levels', 'samples'],
  ],
  [
    'fractional-lp',
    () => [...fractionalChecks, ...fractionalCertifierChecks],
    ['budget', 'cases', 'certificate', 'certifier', 'global-cell', 'slots'],
  ],
  [
    'gaussian-smoothing',
    () =>
      testFileChecks(
        'certificates/settings',
        'certificates/gaussian-smoothing/cases',
        'certificates/gaussian-smoothing/radii',
        'certificates/gaussian-smoothing/certifier',
      ),
    [
      'cases',
      'certifier',
      'dipole',
      'first-order',
      'gradient-bound',
      'proof',
      'second-order',
      'settings',
      'tally',
    ],
  ],
  [
    'certified-confidence',
    () =>
      testFileChecks(
        'certificates/settings',
        'certificates/certified-confidence/score-curve',
        'certificates/certified-confidence/certifier',
      ),
    ['cases', 'certifier', 'margins', 'score-curve', 'settings', 'tally'],
  ],
  [
    'wasserstein-smoothing',
    () =>
      testFileChecks(
        'certificates/settings',
        'certificates/wasserstein-smoothing/cases',
        'certificates/wasserstein-smoothing/distances',
        'certificates/wasserstein-smoothing/certifier',
      ),
    ['cases', 'certifier', 'distances', 'flow', 'flow-noise', 'minimum-cost-flow', 'radius'],
  ],
  [
    'smoothing-limits',
    () =>
      testFileChecks(
        'certificates/smoothing-limits/limits',
        'certificates/smoothing-limits/certifier',
      ),
    ['cases', 'certifier', 'explain', 'limits'],
  ],
  [
    'certified-saliency',
    () =>
      testFileChecks(
        'certificates/settings',
        'certificates/certified-saliency/overlap',
        'certificates/certified-saliency/certifier',
      ),
    ['cases', 'certified-overlap', 'certifier', 'sparsify'],
  ],
  ['numerics', () => testFileChecks('certificates/cases'), ['cases']],
]
const common: readonly (readonly [string, Checks])[] = [
  ['vote-margin', () => voteChecks],
  ['monte-carlo', () => [...voteChecks, ...certifierChecks('randomized-ablation')]],
  ['answers', () => voteChecks],
  ['footprint', () => [...footprintChecks, ...sourcePatchChecks]],
  ['grey-cells', () => greyLevelChecks],
  ['template', () => greyLevelChecks],
  [
    'linear-model',
    () => [
      vectorCheck('splitting-noise', documents),
      vectorCheck('derandomized-smoothing', documents),
    ],
  ],
  [
    'gaussian-noise',
    () =>
      testFileChecks('certificates/gaussian-noise', 'certificates/gaussian-smoothing/certifier'),
  ],
  ['sampling-settings', () => testFileChecks('certificates/sampling-settings')],
  ['plain-number', () => testFileChecks('certificates/plain-number')],
  ['cases', () => testFileChecks('certificates/cases')],
  ['case-schemas', () => testFileChecks('certificates/cases')],
  [
    'case-image',
    () => [
      ...caseImageChecks,
      vectorCheck('randomized-ablation', documents),
      vectorCheck('derandomized-smoothing', documents),
    ],
  ],
]

const statistics: readonly (readonly [string, Checks])[] = [
  ['binomial', () => testFileChecks('shared/statistics/bounds')],
  ['error-function', () => testFileChecks('shared/statistics/special-functions')],
  ['incomplete-beta', () => testFileChecks('shared/statistics/special-functions')],
  ['incomplete-beta-inverse', () => testFileChecks('shared/statistics/special-functions')],
  ['last-true', () => testFileChecks('shared/statistics/last-true')],
  ['log-gamma', () => testFileChecks('shared/statistics/special-functions')],
  ['normal', () => testFileChecks('shared/statistics/special-functions')],
  ['normal-noise', () => testFileChecks('shared/statistics/normal-noise')],
]

const targets = [
  ...statistics.map(([file, checks]) => ({
    folder: 'statistics',
    file: `../shared/statistics/${file}`,
    checks: () => [...checks(), vectorCheck('numerics', documents)],
  })),
  ...common.map(([file, checks]) => ({ folder: 'common', file, checks })),
  ...folders.flatMap(([folder, own, files]) =>
    files.map((file) => ({
      folder,
      file: `${folder}/${file}`,
      checks: () => [vectorCheck(folder, documents), ...own(), ...certifierChecks(folder)],
    })),
  ),
]

const isAsked = ({ folder, file }: (typeof targets)[number]): boolean =>
  ['all', folder, file].some((name) => asked.includes(name))
const chosen = targets.filter((target) =>
  asked.join('') === '' ? SAMPLED.includes(target.file) : isAsked(target),
)

test('what is left out of the count names lines that are there', () => {
  for (const { file } of targets) {
    expect(staleEquivalents(file, readFileSync(sourcePath(file), 'utf8'))).toEqual([])
  }
})

describe.each(chosen)('mutants of $file', (target) => {
  const { file } = target
  const checks = target
    .checks()
    .filter(({ loads }) => loads === undefined || loads.some((module) => reaches(module, file)))
  const isWhole = isAsked(target)
  const source = readFileSync(sourcePath(file), 'utf8')
  const mutants = mutantsOf(source).filter((mutant) => !isEquivalent(file, source, mutant))
  // A sample is spread over the file.
  const step = isWhole ? 1 : Math.max(1, Math.ceil(mutants.length / SAMPLE))
  const tried = mutants.filter((_, at) => at % step === 0)

  const times = new Map<Check, number>()
  const timeOf = (check: Check): number => times.get(check) ?? Infinity

  test('the file itself passes', { timeout: 600_000 }, () => {
    for (const check of isWhole ? checks : checks.slice(0, 1)) {
      const start = performance.now()
      check.run(loadWith(), 0.1)
      times.set(check, performance.now() - start)
    }
  })
  test(`${tried.length} of ${mutants.length}`, { timeout: 1_800_000 }, () => {
    // A mutant that a quick one catches costs little.
    const quickFirst = [...checks].sort((a, b) => timeOf(a) - timeOf(b))
    const survivors = tried.filter((mutant) => !isCaught(file, mutant, quickFirst))
    const score = 1 - survivors.length / tried.length
    const told = survivors.map(({ line, from, to }) => `${line}: ${from} -> ${to}`)
    if (isWhole)
      process.stdout.write(
        `${file}: ${(100 * score).toFixed(1)} % of ${tried.length}\n  ${told.join('\n  ')}\n`,
      )
    // A few say little about nine of ten: of a sample, not all may survive.
    expect(score, told.join('; ')).toBeGreaterThanOrEqual(isWhole ? 0.9 : 1 / tried.length)
  })
})

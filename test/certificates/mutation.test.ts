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
import { vectorCheck } from './checks/vectors'
import { caseImageChecks, voteChecks } from './checks/votes'
import { isCaught } from './mutation/judge'
import { loadWith, sourcePath } from './mutation/load-source'
import { mutantsOf } from './mutation/mutants'
import { readVectors } from './support/fixtures'

// Faults planted in the certificates must be caught by their reference cases and properties: 90 % in each file. All of
// them take minutes; without MUTANTS=all a few of each file are tried. MUTANTS=splitting-noise tries all of one folder.

const asked = process.env['MUTANTS'] ?? ''
const SAMPLE = 2

const documents = readVectors()
const folders: readonly (readonly [string, readonly Check[], readonly string[]])[] = [
  [
    'derandomized-smoothing',
    [...derandomizedChecks, ...derandomizedCertifierChecks, ...sourcePatchChecks],
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
  ['randomized-ablation', ablationChecks, ['cases', 'certifier', 'encode', 'radius']],
  ['splitting-noise', greyLevelChecks, ['cases', 'certificate', 'certifier', 'levels', 'samples']],
  [
    'fractional-lp',
    [...fractionalChecks, ...fractionalCertifierChecks],
    ['budget', 'cases', 'certificate', 'certifier', 'global-cell', 'slots'],
  ],
]
const common: readonly (readonly [string, readonly Check[]])[] = [
  ['vote-margin', voteChecks],
  ['monte-carlo', [...voteChecks, ...certifierChecks('randomized-ablation')]],
  ['answers', voteChecks],
  ['footprint', [...footprintChecks, ...sourcePatchChecks]],
  ['grey-cells', greyLevelChecks],
  ['template', greyLevelChecks],
  [
    'linear-model',
    [vectorCheck('splitting-noise', documents), vectorCheck('derandomized-smoothing', documents)],
  ],
  [
    'case-image',
    [
      ...caseImageChecks,
      vectorCheck('randomized-ablation', documents),
      vectorCheck('derandomized-smoothing', documents),
    ],
  ],
]

const targets = [
  ...common.map(([file, checks]) => ({ folder: 'common', file, checks })),
  ...folders.flatMap(([folder, own, files]) =>
    files.map((file) => ({
      folder,
      file: `${folder}/${file}`,
      checks: [vectorCheck(folder, documents), ...own, ...certifierChecks(folder)],
    })),
  ),
]

const isAsked = ({ folder, file }: (typeof targets)[number]): boolean =>
  asked === 'all' || asked === folder || asked === file
const chosen = asked === '' ? targets : targets.filter(isAsked)

describe.each(chosen)('mutants of $file', (target) => {
  const { file, checks } = target
  const isWhole = isAsked(target)
  const mutants = mutantsOf(readFileSync(sourcePath(file), 'utf8'))
  // A sample is spread over the file.
  const step = isWhole ? 1 : Math.max(1, Math.ceil(mutants.length / SAMPLE))
  const tried = mutants.filter((_, at) => at % step === 0)

  test('the file itself passes', () => {
    for (const { run } of isWhole ? checks : checks.slice(0, 1)) run(loadWith(), 0.1)
  })
  test(`${tried.length} of ${mutants.length}`, { timeout: 1_800_000 }, () => {
    const survivors = tried.filter((mutant) => !isCaught(file, mutant, checks))
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

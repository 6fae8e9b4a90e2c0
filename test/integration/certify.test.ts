import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { permanentFolder } from '../support/permanent-folder'
import { errorCodes, expectPlainMessages, packageRoot, patchwarden } from '../support/program'

const root = permanentFolder('certify')
const vectors = join(packageRoot, 'test/fixtures/certificates')
const run = (...args: string[]) => patchwarden(args, { cwd: root })

interface Case {
  readonly id: string
  readonly kind: string
  readonly input: unknown
}

const files = readdirSync(vectors).filter((name) => name.endsWith('.json'))

test('there are the ten files of vectors', () => {
  expect(files).toHaveLength(10)
})

test.each(files)('%s: every case is answered, in order', async (file) => {
  const { cases } = JSON.parse(readFileSync(join(vectors, file), 'utf8')) as { cases: Case[] }
  const { code, stderr } = await run('certify', '--cases', join(vectors, file), '--out', file)
  expect(code).toBe(0)
  expectPlainMessages(stderr)
  const answers = JSON.parse(readFileSync(join(root, file), 'utf8')) as { id: string }[]
  expect(answers.map(({ id }) => id)).toEqual(cases.map(({ id }) => id))
  for (const answer of answers) expect(answer).toHaveProperty('result')
})

test('a case that cannot be run is named; the others are answered', async () => {
  const { cases, ...head } = JSON.parse(readFileSync(join(vectors, 'dssn.json'), 'utf8')) as {
    cases: Case[]
  }
  const [good] = cases
  const some = [{ ...good, id: 'odd', kind: 'no-such-kind' }, good]
  writeFileSync(join(root, 'some.json'), JSON.stringify({ ...head, cases: some }))
  const { code, stderr } = await run('certify', '--cases', 'some.json', '--out', 'some-out.json')
  expect(code).toBe(1)
  expect(errorCodes(stderr)).toEqual(['E_CASE_KIND'])
  expect(stderr).toContain('odd')
  expect(JSON.parse(readFileSync(join(root, 'some-out.json'), 'utf8'))).toMatchObject([
    { id: 'odd' },
    { id: good?.id, result: {} },
  ])
})

test('wrong use is told with advice', async () => {
  const { code, stderr } = await run('certify')
  expect(code).toBe(2)
  expect(errorCodes(stderr)).toEqual(['E_USAGE'])
  expect(stderr).toContain('--cases')
})

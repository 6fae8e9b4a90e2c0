import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDataYaml } from '../../../src/datasets/yolo/data-yaml'
import { yamlQuoted } from '../../../src/datasets/yolo/yaml-scalars'

const namesOf = (text: string) => [...(parseDataYaml(text)?.names ?? [])]
const splitsOf = (text: string) =>
  Object.fromEntries(parseDataYaml(`${text}\nnames: [a]`)?.splits ?? [])

test('names as list or map, in block or flow form', () => {
  const expected = [
    [0, 'cat'],
    [1, "dog's: 'bed' # 2"],
  ]
  const second = `"dog's: 'bed' # 2"`
  for (const text of [
    `names:\n  0: cat\n  1: ${second}\n`,
    `names:\n- cat\n- ${second}`,
    `names:\n  - cat   # the first\n  - ${second}`,
    `names: [cat, ${second}]`,
    `names: ['cat',\n  ${second},\n]\nnc: 2`,
    `names: {0: cat, 1: ${second}}`,
    `names:\n  [ cat,\n    ${second} ]`,
    `# comment\r\nnc: 2\r\nnames:\r\n\r\n  0: 'cat'\r\n  1: 'dog''s: ''bed'' # 2'\r\n`,
  ]) {
    expect(namesOf(text), text).toEqual(expected)
  }
  expect(namesOf('names: ["caf\\xE9", "\\u4EBA", "\\U0001F600", "a\\tb\\\\"]')).toEqual([
    [0, 'café'],
    [1, '人'],
    [2, '😀'],
    [3, 'a\tb\\'],
  ])
})

test('what has no class names is no configuration', () => {
  for (const text of ['', 'names:', 'names: []', 'names:\n  x: cat', 'nc: 2', ' names: [a]']) {
    expect(parseDataYaml(text), text).toBeNull()
  }
})

test('splits are folders or lists, one or several; other keys are none', () => {
  const text =
    'path: ../data # here\ntrain: images/a\nval:\n  - images/b\n  - images/c\ntest:\nnc: 1\ndownload: |\n  wget x'
  expect(splitsOf(text)).toEqual({ train: ['images/a'], val: ['images/b', 'images/c'] })
  expect(parseDataYaml(`${text}\nnames: [a]`)?.path).toBe('../data')
})

test('any text that is written quoted is read back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1 }),
      (names) => {
        const quoted = names.map(yamlQuoted)
        const expected = [...names.entries()]
        expect(namesOf(`names:\n${quoted.map((name, i) => `  ${i}: ${name}\n`).join('')}`)).toEqual(
          expected,
        )
        expect(namesOf(`names: [${quoted.join(', ')}]`)).toEqual(expected)
      },
    ),
  )
})

test('long texts without end take no time', () => {
  const start = performance.now()
  const long = 300_000
  for (const text of [
    `names:\n  a${' '.repeat(long)}b`,
    `names: [${' ,a'.repeat(long / 3)}`,
    `names: {${'a'.repeat(long)}`,
    `names: ["${'\\'.repeat(long)}`,
    `names:\n${'- a\n'.repeat(long / 4)}`,
  ]) {
    parseDataYaml(text)
  }
  expect(performance.now() - start).toBeLessThan(5000)
})

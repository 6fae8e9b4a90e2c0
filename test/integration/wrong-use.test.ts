import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { errorCodes, expectPlainMessages, filesBelow, patchwarden } from '../support/program'
import { folderWithPhotos } from '../support/scene-photos'

const { root, photos } = folderWithPhotos(1)

beforeAll(() => {
  mkdirSync(join(root, 'empty'))
  writeFileSync(join(root, 'not-json.json'), '{"images": [')
  writeFileSync(join(root, 'not-coco.json'), '{"images": 3}')
  writeFileSync(join(root, 'text.onnx'), 'weights')
})

// Every line of the table: what is typed, the code it gets, and what the message must speak of.
const faults: readonly (readonly [typed: string, code: string, says: string])[] = [
  ['', 'E_USAGE', 'no command was given'],
  ['models', 'E_USAGE', 'models needs to know what to do'],
  ['detekt photos', 'E_USAGE', "unknown command 'detekt'"],
  ['help detekt', 'E_USAGE', '"detekt"'],
  ['models frob', 'E_USAGE', "unknown command 'frob'"],
  ['detect', 'E_USAGE', '<path> is missing'],
  ['detect photos --detektor x', 'E_USAGE', 'did you mean --detector?'],
  ['detect photos --score-threshold', 'E_USAGE', '--score-threshold <x> needs a value'],
  ['detect photos --score-threshold 2', 'E_USAGE', 'a number from 0 to 1 is needed'],
  ['detect photos --score-threshold -1', 'E_USAGE', '--score-threshold -1'],
  ['detect photos --workers 0', 'E_USAGE', 'a number from 1 to 256'],
  ['detect photos --workers 1.5', 'E_USAGE', 'a whole number'],
  ['detect photos --format xml', 'E_USAGE', 'coco, coco-results, csv'],
  ['detect photos --resume', 'E_USAGE', '--resume needs --out'],
  ['detect photos --resume --out /dev/null', 'E_USAGE', '--resume needs --out'],
  ['detect photos --set fill=black', 'E_USAGE', "'--set'"],
  ['detect missing.jpg', 'E_FILE_NOT_FOUND', 'missing.jpg'],
  ['detect empty', 'E_NO_IMAGES', 'empty'],
  ['detect https://example.org/a.jpg', 'E_PATH_IS_URL', 'nothing is fetched'],
  ['detect photos --detector nope', 'E_MODEL_UNKNOWN', '"nope"'],
  ['detect photos --detector nope.onnx', 'E_MODEL_NOT_FOUND', 'nope.onnx'],
  ['detect photos --detector text.onnx', 'E_MODEL_NOT_ONNX', 'text.onnx'],
  ['detect photos --detector sac-lite', 'E_MODEL_TASK', 'segment-patch'],
  ['detect photos --gt missing.json', 'E_GT_UNREADABLE', 'there is no such file'],
  ['detect photos --gt photos', 'E_GT_UNREADABLE', 'a folder has this name'],
  ['detect photos --gt not-json.json', 'E_JSON_SYNTAX', 'not-json.json'],
  ['detect photos --gt not-coco.json', 'E_COCO_NO_IMAGES', 'images: '],
  ['defend photos --defense nope', 'E_DEFENSE_UNKNOWN', '"nope"'],
  ['demo photos --defense nope', 'E_DEFENSE_UNKNOWN', '"nope"'],
  ['defend photos --set nope=1', 'E_SETTING_UNKNOWN', '"nope"'],
  ['defend photos --set threshold', 'E_SETTING_INVALID', 'it has no value'],
  ['defend photos --set threshold=7', 'E_SETTING_INVALID', 'threshold = 7'],
  ['defend photos --set segmenter=patchwarden-nano', 'E_MODEL_TASK', 'the setting segmenter'],
  ['segment photos', 'E_USAGE', '--out <dir> is missing'],
  ['segment photos --out masks --set fill=black', 'E_SETTING_UNKNOWN', '"fill"'],
  ['complete', 'E_USAGE', '--out is missing'],
  ['complete --out x.png', 'E_USAGE', 'no mask was given'],
  ['complete a.png b.png --out x.png', 'E_USAGE', 'too many arguments'],
  ['complete a.png --cases c.json --out x.json', 'E_USAGE', 'not both'],
  ['complete a.png --strict --compatible --out x.png', 'E_USAGE', 'exclude each other'],
  ['complete a.png --sizes 10,x --out x.png', 'E_USAGE', '--sizes 10,x'],
  ['complete a.png --shapes stars --out x.png', 'E_USAGE', 'choices are'],
  ['complete missing.png --out x.png', 'E_FILE_NOT_FOUND', 'missing.png'],
  ['complete --cases missing.json --out x.json', 'E_CASES_UNREADABLE', 'there is no such file'],
  ['complete --cases not-json.json --out x.json', 'E_CASES_UNREADABLE', 'it is not JSON'],
  ['complete --cases not-coco.json --out x.json', 'E_CASES_INVALID', 'cases: '],
  ['models add text.onnx', 'E_MODEL_NOT_ONNX', 'text.onnx'],
  ['models add text.onnx --set nonsense', 'E_USAGE', '"nonsense" is not field=value'],
  ['models add text.onnx --set __proto__.pad=1', 'E_USAGE', '"__proto__.pad=1" is not field=value'],
  [
    'models add text.onnx --set input=3 --set input.pad=1',
    'E_USAGE',
    'gave input a value of its own',
  ],
  ['models inspect missing.onnx', 'E_MODEL_NOT_FOUND', 'missing.onnx'],
  ['scenes', 'E_USAGE', '--out <dir> is missing'],
  ['scenes --out s --count 0', 'E_USAGE', '--count 0'],
  ['bench nope', 'E_USAGE', '"nope"'],
]

describe.concurrent('wrong use ends with 2, one error, a hint, and nothing written:', () => {
  test.each(faults)('patchwarden %s', async (typed, code, says) => {
    const before = filesBelow(root)
    const ended = await patchwarden(typed.split(' ').filter(Boolean), { cwd: root })
    expect(ended.code, ended.stderr).toBe(2)
    expect(errorCodes(ended.stderr)).toEqual([code])
    expect(ended.stderr.split('\n')[0]).toContain(says)
    expect(ended.stdout).toBe('')
    expectPlainMessages(ended.stderr)
    expect(filesBelow(root)).toEqual(before)
  })
})

test('a path that is not there does not stop the others', async () => {
  const { code, stdout, stderr } = await patchwarden(
    ['detect', 'missing.jpg', photos, '--format', 'jsonl'],
    { cwd: root },
  )
  expect(code).toBe(1)
  expect(errorCodes(stderr)).toEqual(['E_FILE_NOT_FOUND'])
  expect(stdout.trim().split('\n')).toHaveLength(1)
  expect(stderr).toContain('1 photograph, ')
  expect(stderr).toContain(', 1 failed')
})

describe.concurrent('help', () => {
  const commands = [
    'detect',
    'defend',
    'segment',
    'complete',
    'models',
    'models add',
    'demo',
    'scenes',
  ]
  test.each(['', ...commands])(
    'of "%s" goes to standard output and keeps its width',
    async (name) => {
      const { code, stdout, stderr } = await patchwarden([
        ...name.split(' ').filter(Boolean),
        '--help',
      ])
      expect(code).toBe(0)
      expect(stderr).toBe('')
      expect(stdout).toContain('Usage: patchwarden')
      for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
    },
  )

  test.each(['detect', 'defend', 'segment', 'complete'])(
    'of %s ends with examples',
    async (name) => {
      const { stdout } = await patchwarden([name, '--help'])
      const examples = stdout.slice(stdout.indexOf('\nExamples:\n'))
      expect(examples).toContain(`\n  patchwarden ${name} `)
    },
  )

  test('of defend names every setting with its default', async () => {
    const { stdout } = await patchwarden(['defend', '--help'])
    for (const setting of ['threshold=0.6', 'fill=inpaint', 'segmenter=sac-lite']) {
      expect(stdout).toContain(setting)
    }
  })
})

test('the version is that of the package', async () => {
  const { code, stdout } = await patchwarden(['--version'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(existsSync(join(root, 'patchwarden-demo'))).toBe(false)
})

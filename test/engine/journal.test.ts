import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Entry, Journal, sameFile } from '../../src/engine/journal'
import { permanentFolder } from '../support/permanent-folder'

const root = permanentFolder('journal')
let folder: string
let path: string
let number = 0

beforeEach(() => {
  folder = join(root, String(number++))
  mkdirSync(folder)
  path = join(folder, 'r.json.partial')
})

function entry(name: string, index = 0): Entry {
  return {
    path: name,
    size: 10 + index,
    mtimeMs: 1.5 + index,
    written: [`/masks/${name}`],
    result: {
      index,
      sha256: 'ab',
      width: 2,
      height: 1,
      detections: [{ box: [0, 0.1, 1 / 3, 4], score: 0.123_456_789, classId: index }],
      masks: { raw: '1\n"' },
      notes: { rung: null },
      warnings: [],
      stages: [],
    },
  }
}

function written(runKey: string, entries: readonly Entry[]): Journal {
  const journal = new Journal(path, runKey)
  journal.begin([])
  for (const each of entries) journal.add(each)
  journal.close()
  return journal
}

const empty = { entries: new Map(), partials: new Map() }

describe('a journal', () => {
  test('gives back what was added, numbers to the last digit', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme' }), { maxLength: 20 }), (names) => {
        const entries = names.map((name, k) => entry(name, k))
        written('key', entries)
        const read = new Journal(path, 'key').read()
        expect(read.run).toBe('same')
        expect([...read.entries.values()]).toEqual(entries)
      }),
      { numRuns: 30 },
    )
  })

  test('that is not there, or empty, is none', () => {
    expect(new Journal(path, 'key').read()).toEqual({ ...empty, run: 'none' })
    writeFileSync(path, '')
    expect(new Journal(path, 'key').read().run).toBe('none')
  })

  test('of another run says so and gives nothing', () => {
    written('key', [entry('a')])
    expect(new Journal(path, 'other').read()).toEqual({ ...empty, run: 'other' })
    writeFileSync(path, 'notes of mine\n')
    expect(new Journal(path, 'key').read().run).toBe('other')
  })

  test('cut off anywhere loses the torn line only', () => {
    const entries = [entry('a'), entry('ä\n', 1), entry('c', 2)]
    written('key', entries)
    const whole = readFileSync(path)
    const headLength = whole.indexOf(10) + 1
    for (let length = whole.length; length >= headLength; length--) {
      truncateSync(path, length)
      const { run, entries: read } = new Journal(path, 'key').read()
      expect(run).toBe('same')
      const lines = whole.subarray(0, length).filter((byte) => byte === 10).length - 1
      // The last line is whole even without its line break.
      expect([...read.keys()]).toEqual(
        ['a', 'ä\n', 'c'].slice(0, whole[length] === 10 ? lines + 1 : lines),
      )
    }
  })

  test('passes over lines that are no entries', () => {
    written('key', [entry('a')])
    appendFileSync(path, '\0\0\0\nnull\n{}\n{"path":"b"}\n[1]\n')
    appendFileSync(path, `${JSON.stringify(entry('c'))}\n`)
    expect([...new Journal(path, 'key').read().entries.keys()]).toEqual(['a', 'c'])
  })

  test('reads lines longer than what it reads at once', () => {
    const long = 'x'.repeat(3_000_000)
    const entries = [entry('a'), entry(long, 1), entry('c', 2)]
    written('key', entries)
    expect([...new Journal(path, 'key').read().entries.values()]).toEqual(entries)
  })

  test('begins anew with what is kept, and leaves nothing else in the folder', () => {
    const old = written('key', [entry('a'), entry('b', 1)])
    expect(old.entries).toBe(2)
    const journal = new Journal(path, 'key')
    journal.begin([entry('b', 1)])
    expect(journal.entries).toBe(1)
    journal.add(entry('c', 2))
    journal.close()
    expect([...new Journal(path, 'key').read().entries.keys()]).toEqual(['b', 'c'])
    expect(readdirSync(folder)).toEqual(['r.json.partial'])
    journal.remove()
    expect(existsSync(path)).toBe(false)
  })

  test('keeps where pictures were cut off, the last of each', () => {
    const cut = (name: string, next: number) => ({
      ...{ path: name, size: 1, mtimeMs: 2 },
      partial: { sha256: 'ab', certificates: [], subject: 0, state: { next } },
    })
    const journal = new Journal(path, 'key')
    journal.begin([])
    expect(journal.isEmpty).toBe(true)
    for (const each of [cut('a', 1), cut('b', 2), cut('a', 3)]) journal.addPartial(each)
    expect([journal.isEmpty, journal.entries]).toEqual([false, 0])
    journal.close()
    const { partials } = new Journal(path, 'key').read()
    expect([...partials.values()]).toEqual([cut('a', 3), cut('b', 2)])
    const next = new Journal(path, 'key')
    next.begin([entry('a')], [cut('b', 2)])
    next.close()
    const read = new Journal(path, 'key').read()
    expect([[...read.entries.keys()], [...read.partials.keys()]]).toEqual([['a'], ['b']])
  })

  test('makes its folder, and says where it cannot', () => {
    const deep = join(folder, 'new/deeper/r.partial')
    new Journal(deep, 'key').begin([])
    expect(existsSync(deep)).toBe(true)
    const blocked = new Journal(join(deep, 'r.partial'), 'key')
    expect(() => {
      blocked.begin([])
    }).toThrow(expect.objectContaining({ code: 'E_WRITE_FAILED' }))
    expect(blocked.read().run).toBe('none')
  })

  test.skipIf(process.platform !== 'linux')('that cannot grow says so (Linux only)', () => {
    const journal = new Journal(path, 'key')
    journal.begin([])
    journal.close()
    // After close() there is no file to write to: the fault of the system is told as an error of ours.
    expect(() => {
      journal.add(entry('a'))
    }).toThrow(expect.objectContaining({ code: 'E_WRITE_FAILED' }))
  })
})

test('a file is the same while path, size and time are', () => {
  const state = { path: 'a', size: 1, mtimeMs: 2 }
  expect(sameFile(state, { ...state })).toBe(true)
  for (const change of [{ path: 'b' }, { size: 2 }, { mtimeMs: 3 }]) {
    expect(sameFile(state, { ...state, ...change })).toBe(false)
  }
})

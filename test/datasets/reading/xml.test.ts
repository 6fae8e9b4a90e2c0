import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src/shared/errors'
import {
  childOf,
  childrenOf,
  childText,
  parseXml,
  xmlChildren,
  type XmlElement,
} from '../../../src/datasets/reading/xml'
import { fitsXml, xmlElement, xmlTag, xmlText } from '../../../src/datasets/reading/xml-write'
import { fuzzing, mutatedBytes, propertyRuns } from '../../support/mutations'

const bytes = (text: string) => new TextEncoder().encode(text)
const parse = (text: string) => parseXml(bytes(text), 'a.xml')

async function* pieces(data: Uint8Array, size: number) {
  for (let at = 0; at < data.length; at += size) {
    yield await Promise.resolve(data.subarray(at, at + size))
  }
}

async function children(data: Uint8Array, size = 5): Promise<XmlElement[]> {
  const found: XmlElement[] = []
  for await (const element of xmlChildren(pieces(data, size), 'a.xml')) found.push(element)
  return found
}

const fault = (code: string, text = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(text) as string }) as AppError

test('elements, attributes, text and lines', () => {
  const root = parse(
    '<?xml version="1.0"?>\n<a x="1" y="&lt;2&gt;">one<b/>\n two <b z="&#233;">&amp;</b><![CDATA[<3>]]></a>',
  )
  expect(root).toMatchObject({ name: 'a', line: 2, text: 'one\n two <3>' })
  expect([...root.attributes]).toEqual([
    ['x', '1'],
    ['y', '<2>'],
  ])
  expect(childrenOf(root, 'b').map(({ line, text }) => [line, text])).toEqual([
    [2, ''],
    [3, '&'],
  ])
  expect(childOf(root, 'b')?.attributes.size).toBe(0)
  expect(childText(root, 'c')).toBeUndefined()
})

test('the children of a large document come one by one, the bare root first', async () => {
  const data = bytes('<r a="1"><x><y/>é</x>\n<z/></r>')
  for (const size of [1, 3, 1000]) {
    const found = await children(data, size)
    expect(found.map(({ name, children: { length }, text }) => [name, length, text])).toEqual([
      ['r', 0, ''],
      ['x', 1, 'é'],
      ['z', 0, ''],
    ])
  }
})

test('what was complete before a fault comes out, whatever the pieces', async () => {
  for (const size of [1, 1000]) {
    const found: string[] = []
    const reading = async () => {
      for await (const { name } of xmlChildren(pieces(bytes('<r><x/>&bad;</r>'), size), 'a.xml')) {
        found.push(name)
      }
    }
    await expect(reading()).rejects.toEqual(fault('E_XML_SYNTAX'))
    expect(found).toEqual(['r', 'x'])
  }
})

describe('document types are refused, however they are written', () => {
  test.each([
    '<!DOCTYPE a><a/>',
    '<?xml version="1.0"?>\n<!-- x --><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    '<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>',
    '<!DOCTYPE a [',
    '<!DOCTYPE',
    '<!doctype a><a/>',
  ])('%s', (text) => {
    expect(() => parse(text)).toThrow(fault('E_XML_DOCTYPE'))
  })
})

describe('what is not sound is refused with its line', () => {
  test.each([
    ['', 1],
    ['text', 1],
    ['<a>\n<b>\n</a>', 3],
    ['<a>\n&x;</a>', 2],
    ['<a b="1" b="2"/>', 1],
    ['<a/>\n<b/>', 2],
    ['<a>\u0001</a>', 1],
    ['<a><!DOCTYPE b></a>', 1],
    [`${'<a>'.repeat(33)}${'</a>'.repeat(33)}`, 1],
  ])('%j', (text, line) => {
    expect(() => parse(text)).toThrow(
      fault('E_XML_SYNTAX', `a.xml is not sound XML: line ${line}:`),
    )
  })
  test('32 levels are fine', () => {
    expect(parse('<a>'.repeat(32) + '</a>'.repeat(32)).name).toBe('a')
  })
})

describe('encodings', () => {
  const utf16 = (text: string, little: boolean) => {
    const data = new Uint8Array(2 * text.length)
    const view = new DataView(data.buffer)
    for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), little)
    return data
  }
  const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))

  test('UTF-8 with and without mark, UTF-16 with mark, ISO-8859-1 where declared', async () => {
    const text = '<a>é😀</a>'
    for (const data of [
      bytes(text),
      bytes(`\ufeff${text}`),
      bytes(`<?xml version="1.0" encoding='utf-8'?>${text}`),
      utf16(`\ufeff${text}`, true),
      utf16(`\ufeff<?xml version="1.0" encoding="UTF-16"?>${text}`, false),
    ]) {
      expect(parseXml(data, 'a.xml').text).toBe('é😀')
      for (const size of [1, 2, 3]) expect((await children(data, size))[0]?.name).toBe('a')
    }
    const declared = '<?xml version="1.0" encoding="ISO-8859-1"?><a>caf\xe9 \x80</a>'
    expect(parseXml(latin1(declared), 'a.xml').text).toBe('café \x80')
  })

  test.each([
    ['another encoding', latin1('<?xml version="1.0" encoding="windows-1252"?><a/>')],
    ['UTF-16 without mark', bytes('<?xml version="1.0" encoding="UTF-16"?><a/>')],
    ['a byte of another encoding', latin1('<a>\xe9</a>')],
    ['an overlong form', latin1('<a>\xc0\xbc</a>')],
    ['a surrogate', latin1('<a>\xed\xa0\x80</a>')],
    ['beyond Unicode', latin1('<a>\xf4\x90\x80\x80</a>')],
    ['cut inside a character', latin1('<a>\xe2\x82')],
    ['half a unit', utf16('\ufeff<a/>', true).subarray(0, -1)],
  ])('refused: %s', (_, data) => {
    expect(() => parseXml(data, 'a.xml')).toThrow(fault('E_ENCODING'))
  })
})

test('any text survives being written and read', () => {
  const anyText = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(anyText, anyText, (content, value) => {
      const root = parse(`${xmlTag('a', { b: value, c: undefined }, true)}${xmlText(content)}</a>`)
      const expected = (text: string) => (fitsXml(text) ? text : xmlTextBack(text))
      expect(root.text).toBe(expected(content))
      expect(root.attributes.get('b')).toBe(expected(value))
    }),
    { numRuns: propertyRuns },
  )
  expect(parse(xmlElement('a', 5)).text).toBe('5')
  expect(xmlTag('a', { b: 1 })).toBe('<a b="1"/>')
})

/** What XML cannot hold becomes U+FFFD. */
const xmlTextBack = (text: string) =>
  // eslint-disable-next-line no-control-regex -- these are the characters that are looked for
  text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')

test('fuzz: damaged documents end in elements or an AppError', async () => {
  const seed = bytes('<?xml version="1.0"?><a x="1"><b>é &amp; <![CDATA[c]]></b><!-- d --><e/></a>')
  await fc.assert(
    fc.asyncProperty(mutatedBytes(seed), fc.integer({ min: 1, max: 50 }), async (data, size) => {
      try {
        parseXml(data, 'a.xml')
        await children(data, size)
      } catch (error) {
        expect(error).toBeInstanceOf(AppError)
      }
    }),
    fuzzing,
  )
})

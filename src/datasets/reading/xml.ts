import { SaxesParser } from 'saxes'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { encodingBytes, type TextDecoding, xmlDecoding } from './xml-encoding'

export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** The characters that stand directly in it, joined. */
  readonly text: string
  /** One-based line on which its start tag ends. */
  readonly line: number
}

const maxDepth = 32

/**
 * Reads a small document strictly. No document type, no entities but the five, no more than 32 levels; nothing outside the
 * bytes is ever looked at.
 * @throws AppError E_XML_DOCTYPE, E_XML_SYNTAX (with the line), E_ENCODING
 */
export function parseXml(bytes: Uint8Array, file: string): XmlElement {
  const reader = new XmlReader(file, 0)
  reader.write(bytes)
  reader.end()
  const [root] = reader.takeFinished()
  if (root === undefined) throw xmlSyntax(file, 1, 'it has no root element')
  return root
}

/**
 * Reads a large document piece by piece: yields the root without its children first, then each child of the root when it
 * is complete. What was yielded is forgotten. Throws as `parseXml`.
 */
export async function* xmlChildren(
  pieces: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<XmlElement> {
  const reader = new XmlReader(file, 1)
  for await (const piece of pieces) {
    yield* finishedBy(reader, () => {
      reader.write(piece)
    })
  }
  yield* finishedBy(reader, () => {
    reader.end()
  })
}

/** What was finished before a fault goes out before it, so that the size of the pieces makes no difference. */
function* finishedBy(reader: XmlReader, step: () => void): Generator<XmlElement> {
  try {
    step()
  } catch (error) {
    yield* reader.takeFinished()
    throw error
  }
  yield* reader.takeFinished()
}

/** The first child with this name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name)
}

export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name)
}

/** The text of the first child with this name, without the blanks around it. */
export function childText(element: XmlElement, name: string): string | undefined {
  return childOf(element, name)?.text.trim()
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[]
  text: string
}

class XmlReader {
  readonly #file: string
  /** Elements at this depth, the root being at 0, are finished ones; those above them are not kept. */
  readonly #finishedDepth: number
  readonly #parser = new SaxesParser({ xmlns: false, position: false })
  readonly #open: OpenElement[] = []
  #decoding: TextDecoding | undefined
  #start: Uint8Array | null = new Uint8Array(0)
  #finished: XmlElement[] = []
  /** What stood before the root, to tell a broken document type from other faults. */
  #prolog: string | null = ''

  constructor(file: string, finishedDepth: number) {
    this.#file = file
    this.#finishedDepth = finishedDepth
    const parser = this.#parser
    parser.on('doctype', () => {
      throw xmlDoctype(file)
    })
    parser.on('error', (error) => {
      throw this.#fault(error.message)
    })
    parser.on('opentag', (tag) => {
      this.#prolog = null
      this.#openElement(tag.name, Object.entries(tag.attributes))
    })
    parser.on('closetag', () => {
      this.#closeElement()
    })
    const addText = (text: string) => {
      const parent = this.#open.at(-1)
      if (parent !== undefined && this.#open.length > this.#finishedDepth) parent.text += text
    }
    parser.on('text', addText)
    parser.on('cdata', addText)
  }

  write(bytes: Uint8Array): void {
    let piece = bytes
    if (this.#start !== null) {
      piece = joined(this.#start, bytes)
      this.#start = piece
      if (piece.length < encodingBytes) return
      this.#start = null
    }
    this.#decoding ??= xmlDecoding(piece, this.#file)
    this.#parse(this.#decoding.write(piece))
  }

  end(): void {
    if (this.#start !== null) {
      const start = this.#start
      this.#start = null
      this.write(start)
    }
    this.#decoding?.end()
    this.#parser.close()
  }

  takeFinished(): readonly XmlElement[] {
    const finished = this.#finished
    this.#finished = []
    return finished
  }

  #parse(text: string): void {
    if (this.#prolog !== null && this.#prolog.length < 65_536) this.#prolog += text
    this.#parser.write(text)
  }

  #openElement(name: string, attributes: readonly (readonly [string, string])[]): void {
    if (this.#open.length >= maxDepth) {
      throw this.#fault(`elements are nested more than ${maxDepth} deep`)
    }
    const element = {
      name,
      attributes: new Map(attributes),
      children: [],
      text: '',
      line: this.#parser.line,
    }
    this.#open.push(element)
    // The bare root goes out before its children, so that its name can be checked.
    if (this.#open.length <= this.#finishedDepth) this.#finished.push(element)
  }

  #closeElement(): void {
    const element = this.#open.pop()
    if (element === undefined) return
    const depth = this.#open.length
    if (depth === this.#finishedDepth) this.#finished.push(element)
    else if (depth > this.#finishedDepth) this.#open.at(-1)?.children.push(element)
  }

  #fault(reason: string): AppError {
    // Whatever else is wrong with it, a document type is refused as such.
    if (this.#prolog !== null && /<!DOCTYPE/i.test(this.#prolog)) return xmlDoctype(this.#file)
    return xmlSyntax(this.#file, this.#parser.line, reason.replace(/\.$/, ''))
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

function xmlSyntax(file: string, line: number, reason: string): AppError {
  return new AppError(
    'E_XML_SYNTAX',
    `${showPath(file)} is not sound XML: line ${line}: ${reason}.`,
    'Write the file again with the tool that made it; it may have been cut short.',
  )
}

function xmlDoctype(file: string): AppError {
  return new AppError(
    'E_XML_DOCTYPE',
    `${showPath(file)} declares a document type, which annotation files never need.`,
    'Remove the <!DOCTYPE …> declaration if you trust the file: such declarations can read other files and fill the memory.',
  )
}

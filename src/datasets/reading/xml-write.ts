const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/**
 * Escapes text for element contents and attribute values alike: the five characters, and as numbers the blanks that a
 * reader would change. Characters that XML 1.0 cannot hold (control characters, lone surrogates) become U+FFFD.
 */
export function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[&<>"']/g, (character) => named[character] ?? character)
    .replace(/[\t\n\r\u0085\u2028]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(notXml, '\ufffd')
}

/** Whether XML can hold the text as it is. */
export function fitsXml(text: string): boolean {
  return text.isWellFormed() && text.search(notXml) < 0
}

// eslint-disable-next-line no-control-regex -- these are the characters that are looked for
const notXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

/** An empty element, or its start tag if `open`. Attributes in the given order; undefined ones are left out. */
export function xmlTag(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  open = false,
): string {
  let text = `<${name}`
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) text += ` ${key}="${xmlText(String(value))}"`
  }
  return `${text}${open ? '>' : '/>'}`
}

/** An element that holds nothing but text. */
export function xmlElement(name: string, text: string | number): string {
  return `<${name}>${xmlText(String(text))}</${name}>`
}

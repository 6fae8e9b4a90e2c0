const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i
const notFinite = /^[+-]?(?:nan|inf|infinity)$/i

/**
 * A decimal number as text formats write it. NaN or an infinity for the words that mean them, so that readers can tell
 * "not finite" from "not a number": null for everything else, such as a decimal comma or hexadecimal digits.
 */
export function numberFromText(text: string): number | null {
  if (decimal.test(text)) return Number(text)
  if (!notFinite.test(text)) return null
  if (/nan/i.test(text)) return Number.NaN
  return text.startsWith('-') ? -Infinity : Infinity
}

/** The shortest decimal that reads back the same, never in exponent form and never `-0`. */
export function numberToText(value: number): string {
  const text = String(Math.abs(value))
  const sign = value < 0 ? '-' : ''
  const [digits = '', exponent = '0'] = text.split('e')
  const power = Number(exponent)
  if (power === 0) return sign + text
  // `1.5e-7` is 0.00000015; numbers from 1e21 on are whole, and `toFixed` would give their exponent again.
  const plain = digits.replace('.', '')
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${plain}`
  return sign + plain.padEnd(power + 1, '0')
}

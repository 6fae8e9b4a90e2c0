/** `[r, g, b]`, bytes. */
export type Colour = readonly [number, number, number]

/**
 * The data colours: each has one meaning, on every screen and in every picture, and a second sign beside the colour (a dash
 * pattern, a hatch, a sign in the tag), so that no meaning hangs on colour alone.
 */
export const colours = {
  undefended: hex('FFB03B'),
  defended: hex('2F9BFF'),
  gained: hex('25DDA5'),
  lost: hex('FF4A2E'),
  moved: hex('F7E54B'),
  relabelled: hex('DFA4F5'),
  raw: hex('35DCEB'),
  completed: hex('F0349F'),
  /** Beside every line, so that contrast never depends on the picture. */
  casing: hex('08090B'),
  /** Text on a filled tag. */
  onTag: hex('0B0C0E'),
  strip: hex('19191B'),
  gap: hex('121213'),
  text: hex('EDEDF0'),
  quietText: hex('B6B6BE'),
} as const satisfies Record<string, Colour>

export const casingAlpha = 0.62

function hex(digits: string): Colour {
  const value = Number.parseInt(digits, 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

/** A radius as people read it, rounded down to four digits: a sentence never claims more than was proven. */
export function roundedDown(value: number): string {
  if (!Number.isFinite(value) || value <= 0) return value === Infinity ? 'any amount' : '0'
  const digits = value.toPrecision(4)
  if (Number(digits) <= value) return String(Number(digits))
  const step = 10 ** (Math.floor(Math.log10(value)) - 3)
  return String(Number((Number(digits) - step).toPrecision(4)))
}

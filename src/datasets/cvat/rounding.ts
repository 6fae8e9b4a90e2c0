/** To the two decimals of the format. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

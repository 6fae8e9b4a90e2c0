/** How many of `entries` values the share `tau` keeps: the whole number at or below their product. */
export const keptCount = (entries: number, tau: number): number => Math.floor(tau * entries)

/**
 * Marks the `kept` entries of largest magnitude with 1, the others with 0; of equal magnitudes the lower index comes
 * first.
 */
export function sparsify(gradient: ArrayLike<number>, kept: number): Uint8Array {
  const magnitudes = Float64Array.from(gradient, Math.abs)
  const mask = new Uint8Array(magnitudes.length)
  if (kept <= 0) return mask
  // Only the threshold needs an order; sorting indices with a comparison takes many times as long.
  const threshold = magnitudes.slice().sort()[magnitudes.length - kept]!
  let left = kept
  magnitudes.forEach((magnitude, i) => {
    if (magnitude <= threshold) return
    mask[i] = 1
    left--
  })
  magnitudes.forEach((magnitude, i) => {
    if (left === 0 || magnitude !== threshold) return
    mask[i] = 1
    left--
  })
  return mask
}

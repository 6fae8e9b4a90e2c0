/**
 * The margin of every class: its probability minus the largest probability of another class, 0 where there is none.
 * Between -1 and 1; at most one class has a positive margin.
 */
export function marginsOf(probabilities: ArrayLike<number>): Float64Array {
  let largest = -Infinity
  let second = -Infinity
  let winner = -1
  for (let c = 0; c < probabilities.length; c++) {
    const probability = probabilities[c]!
    if (probability > largest) {
      ;[second, largest, winner] = [largest, probability, c]
    } else {
      second = Math.max(second, probability)
    }
  }
  return Float64Array.from(probabilities, (probability, c) =>
    c === winner ? probability - Math.max(second, 0) : probability - largest,
  )
}

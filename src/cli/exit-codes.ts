/** Exit codes of the command line's contract. */
export const EXIT = { done: 0, someFailed: 1, unusable: 2, interrupted: 130 } as const

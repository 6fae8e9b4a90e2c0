export const schemaText = {
  resetField: (label: string) => `Reset ${label}`,
  noModel: 'No model of this kind',
  listFault: 'Type numbers with commas between them.',
  numberFault(min: number | null, max: number | null, isInteger: boolean): string {
    const what = isInteger ? 'a whole number' : 'a number'
    if (min !== null && max !== null) return `Type ${what} from ${min} to ${max}.`
    if (min !== null) return `Type ${what} of at least ${min}.`
    if (max !== null) return `Type ${what} of at most ${max}.`
    return `Type ${what}.`
  },
}

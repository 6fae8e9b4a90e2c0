/** A name for saved files that every system takes: letters, digits and dashes of the names of the two runs. */
export function fileStem(a: string, b: string): string {
  const plain = (name: string) =>
    name
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 40)
  return ['patchwarden', plain(a), plain(b)].filter((part) => part !== '').join('-')
}

/** The ten classes in the order of their numbers, with the WordNet groups that they were made of. */
export const classes: readonly { readonly name: string; readonly wordnet: string }[] = [
  { name: 'dog', wordnet: 'n02084071' },
  { name: 'bird', wordnet: 'n01503061' },
  { name: 'insect', wordnet: 'n02159955' },
  { name: 'monkey', wordnet: 'n02484322' },
  { name: 'car', wordnet: 'n02958343' },
  { name: 'feline', wordnet: 'n02120997' },
  { name: 'truck', wordnet: 'n04490091' },
  { name: 'fruit', wordnet: 'n13134947' },
  { name: 'fungus', wordnet: 'n12992868' },
  { name: 'boat', wordnet: 'n02858304' },
]

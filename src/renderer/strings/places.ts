import type { PlacePurpose } from '../state/places.svelte'
import { formatCount } from './ui'

export const placesText = {
  title: {
    import: 'Choose pictures',
    export: 'Choose a folder',
    'open-project': 'Choose the folder of a project',
    'new-project': 'Choose where the new project is made',
  } satisfies Record<PlacePurpose, string>,
  granted: 'Folders that this service was started with',
  way: 'Where you are',
  entries: 'What lies here',
  empty: 'There is nothing here.',
  partly: (shown: number) => `Only the first ${formatCount(shown)} are shown.`,
  choose: (name: string) => `Choose ${name}`,
  ownFiles: 'Send files from this computer…',
}

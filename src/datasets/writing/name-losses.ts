import type { DatasetContent, Loss } from '../../shared/dataset'
import { categoryLosses } from './losses'

/** For formats that know classes by name only: what becomes of names that occur twice or that the format cannot hold. */
export function nameLosses(
  content: DatasetContent,
  isHeld: (name: string) => boolean,
): readonly Loss[] {
  const names = content.categories.map(({ name }) => name)
  return [
    ...categoryLosses(
      content,
      'same-name',
      'Classes of the same name become one.',
      ({ name }, index) => names.indexOf(name) !== index,
    ),
    ...categoryLosses(
      content,
      'unusual-names',
      'Names of classes that the format cannot hold as they are (blanks at their ends, line breaks, control characters) are changed.',
      ({ name }) => !isHeld(name),
    ),
  ]
}

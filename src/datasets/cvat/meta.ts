import { childrenOf, childText, type XmlElement } from '../reading/xml'

/** Names in the list of labels of a task, project or job: `meta/…/labels/label/name`, each once. */
export function labelsOf(meta: XmlElement): readonly string[] {
  const names = new Set<string>()
  const look = (element: XmlElement) => {
    for (const child of element.children) {
      if (child.name !== 'labels') look(child)
      else for (const label of childrenOf(child, 'label')) names.add(childText(label, 'name') ?? '')
    }
  }
  look(meta)
  names.delete('')
  return [...names]
}

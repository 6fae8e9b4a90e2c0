import { hash } from 'node:crypto'
import { contentIdOf } from '../engine/import/check-image'
import type { ProjectImage } from '../store'

/** 64 hexadecimal digits that stand for the pixels of a picture; null where nobody has looked at its file. */
export function pictureContent({ sha256, pixels }: ProjectImage): string | null {
  return sha256 === null ? null : contentIdOf(sha256, pixels)
}

/** What people see of a file: the last part of its way. */
export const shownName = (file: string) => file.slice(file.lastIndexOf('/') + 1)

/** Part of a picture's address: another text where other pixels are to be shown. */
export function pictureVersion(image: ProjectImage): string {
  const content = pictureContent(image)
  const { fileId, pixels, fileState } = image
  const text = content ?? hash('sha256', JSON.stringify([fileId, pixels ?? null]))
  return `${text.slice(0, 16)}${fileState === 'changed' ? '-c' : ''}`
}

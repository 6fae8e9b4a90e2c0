import { shell } from 'electron'
import { externalLinkRefused } from './desktop-errors'

/** Where texts of ours and cards of models point to. */
const hosts = new Set([
  'arxiv.org',
  'creativecommons.org',
  'doi.org',
  'github.com',
  'huggingface.co',
  'opensource.org',
  'spdx.org',
])

/** Opens `url` in the user's browser. @throws AppError E_LINK_REFUSED unless it is https and of a known host */
export async function openExternal(url: string): Promise<void> {
  const parsed = URL.parse(url)
  const isAllowed =
    parsed?.protocol === 'https:' &&
    hosts.has(parsed.hostname) &&
    parsed.port === '' &&
    parsed.username === '' &&
    parsed.password === ''
  if (!isAllowed) throw externalLinkRefused(url)
  await shell.openExternal(parsed.href)
}

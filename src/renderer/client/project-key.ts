import { PROJECT_HEADER } from '../../shared/api/project-header'

/** The project that answered this page first; null before that. */
let key: string | null = null

/** Headers that say which project a request speaks of. */
export function projectHeaders(): Record<string, string> {
  return key === null ? {} : { [PROJECT_HEADER]: key }
}

/** To be told of every answer of the service. */
export function noteProject({ headers }: Response): void {
  key ??= headers.get(PROJECT_HEADER)
}

/** Another project is open: nothing that this page knows holds any more, its address included. */
export function startAnew(): void {
  history.replaceState(null, '', location.pathname)
  location.reload()
}

import type { Answer, Backend, EventName } from '../../shared/api'
import { mediaPath } from '../../shared/api/media'
import { noteProject, projectHeaders, startAnew } from './project-key'

/** The core behind a local service: procedures by POST, events as a stream, pictures below `/media/`. */
export function httpBackend(): Backend {
  return {
    async call(name, input, signal) {
      try {
        const response = await fetch(`/api/${name}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...projectHeaders() },
          body: JSON.stringify(input),
          ...(signal ? { signal } : {}),
        })
        noteProject(response)
        // The service answers from the same schemas: what it sends has this shape.
        const answer = (await response.json()) as Answer<never>
        if (!answer.ok && answer.error.code === 'E_PROJECT_LEFT') startAnew()
        return answer
      } catch (error) {
        return { ok: false, error: faultOf(error) }
      }
    },
    subscribe: eventStream(),
    mediaUrl: (imageId, kind, version) => `/media/${mediaPath(imageId, kind, version)}`,
  }
}

/** One stream for all listeners, opened with the first; the browser opens it again by itself. */
function eventStream(): Backend['subscribe'] {
  const source = new EventSource('/events')
  return (event: EventName, listener: (data: never) => void) => {
    const receive = (message: MessageEvent<string>): void => {
      // As above: the service sends what the event's schema says.
      listener(JSON.parse(message.data) as never)
    }
    source.addEventListener(event, receive)
    return () => {
      source.removeEventListener(event, receive)
    }
  }
}

function faultOf(error: unknown) {
  if (error instanceof DOMException && error.name === 'AbortError') {
    return {
      code: 'E_CANCELLED',
      message: 'This was cancelled.',
      hint: 'Ask again if it is needed.',
    }
  }
  return {
    code: 'E_BACKEND_GONE',
    message: 'The service does not answer.',
    hint: 'Start Patchwarden again. Nothing that was stored is lost.',
  }
}

import { protocol, type Session } from 'electron'
import { answerBundleRequest } from './bundle-files'
import { answerImageRequest, type AskForMedia } from './image-requests'

/** Must run before the app is ready. No scheme may pass by the content security policy. */
export function registerSchemes(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: 'app',
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
    // CORS, so that the canvas may read the colours of a picture that came from here.
    {
      scheme: 'image',
      privileges: { standard: true, secure: true, corsEnabled: true, stream: true },
    },
  ])
}

/** Answers `app://bundle/…` from the built renderer and `image://project/…` from the core. */
export function handleProtocols(
  session: Session,
  host: { readonly bundleFolder: string; readonly media: AskForMedia },
): void {
  session.protocol.handle('app', (request) => answerBundleRequest(request, host.bundleFolder))
  session.protocol.handle('image', (request) => answerImageRequest(request, host.media))
}

import { existsSync, renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Transform, type Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { makeFolder } from '../../engine/files/make-folder'
import { errorCode } from '../../engine/files/read-file'
import { writeFault } from '../../engine/files/write-file'
import { AppError, toErrorRecord } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { uploadsFolder } from '../copied-files'
import type { Service } from '../create-service'
import { refuse, statusOf } from './failures'

const querySchema = z.object({
  name: z.string().min(1).max(255),
  batch: z.string().regex(/^[\w-]{1,64}$/),
  path: z.string().max(2_000).optional(),
})

/**
 * `POST /upload?name=…&batch=…&path=…`: a file that was dropped into a browser, streamed into the project's folder. The
 * files of one batch become one granted folder.
 */
export async function addUploadRoute(
  server: FastifyInstance,
  service: Service,
  maxBytes: number,
): Promise<void> {
  await server.register((scope, _options, ready) => {
    // Whatever the type is said to be: the bytes are taken as they come.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => {
      done(null, payload)
    })
    scope.post('/upload', async (request, reply) => {
      try {
        const query = querySchema.safeParse(request.query)
        if (!query.success) throw uploadInvalid('name and batch are needed')
        const value = await store(service, query.data, request.body as Readable, maxBytes) // as the parser above hands it on
        return await reply.send({ ok: true, value })
      } catch (error) {
        const record = toErrorRecord(error)
        const status = record.code === 'E_UPLOAD_TOO_LARGE' ? 413 : statusOf(record)
        return refuse(reply, status, record)
      }
    })
    ready()
  })
}

async function store(
  service: Service,
  { name, batch, path = '' }: z.infer<typeof querySchema>,
  body: Readable | undefined,
  maxBytes: number,
) {
  if (!body) throw uploadInvalid('there is no body')
  const parts = [...path.split('/').filter((part) => part !== ''), name]
  for (const part of parts) requirePlain(part)
  const { project } = service.context
  const root = join(uploadsFolder(project.folder), batch)
  const target = join(root, ...parts)
  makeFolder(join(target, '..'))
  if (existsSync(target)) throw uploadInvalid(`${showPath(name)} was sent already`)
  const temporary = `${target}.part`
  // What another upload is writing is not ours to remove.
  const part = await open(temporary, 'wx').catch((error: unknown) => {
    throw errorCode(error) === 'EEXIST'
      ? uploadInvalid(`${showPath(name)} is being sent already`)
      : writeFault(target, error)
  })
  try {
    await pipeline(body, limited(maxBytes), part.createWriteStream())
    if (service.context.project !== project) throw uploadInvalid('another project was opened')
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error instanceof AppError ? error : writeFault(target, error)
  }
  const folder = service.grant(root, 'upload')
  const single = service.grant(target, 'upload')
  return { grant: folder.id, name, file: single.id }
}

/** One part of a path: never a way out of the folder, nor a hidden or reserved name. */
function requirePlain(part: string): void {
  const isPlain = !/[\\/:*?"<>|\p{Cc}]/u.test(part) && !part.startsWith('.') && part.trim() === part
  if (!isPlain || part.length > 255) throw uploadInvalid(`${showPath(part)} is no plain name`)
}

function limited(maxBytes: number): Transform {
  let bytes = 0
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length
      if (bytes > maxBytes) done(tooLarge(maxBytes))
      else done(null, piece)
    },
  })
}

const uploadInvalid = (why: string) =>
  new AppError(
    'E_INPUT_INVALID',
    `The upload is refused: ${why}.`,
    'Send name, batch and the bytes; a name has no slashes and does not begin with a dot.',
  )

const tooLarge = (maxBytes: number) =>
  new AppError(
    'E_UPLOAD_TOO_LARGE',
    `The file is larger than ${Math.round(maxBytes / 1e6)} MB.`,
    'Start the service with --grant for its folder, and name it there: then it need not be sent.',
  )

import type { FastifyReply } from 'fastify'
import type { ErrorRecord } from '../../shared/errors'

/** Every refusal has the form of an answer. */
export function refuse(reply: FastifyReply, status: number, error: ErrorRecord): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send({ ok: false, error })
}

const statuses: Readonly<Record<string, number>> = {
  E_INPUT_INVALID: 400,
  E_FILTER_INVALID: 400,
  E_CURSOR_INVALID: 400,
  E_GRANT_REFUSED: 403,
  E_GRANT_UNKNOWN: 404,
  E_PROCEDURE_UNKNOWN: 404,
  E_ROW_UNKNOWN: 404,
  E_CANCELLED: 499,
  E_INTERNAL: 500,
  E_DISK_FULL: 507,
  E_PROJECT_BUSY: 503,
  E_BACKEND_GONE: 503,
}

/** The body says what is wrong; the status is for those who look no further. */
export const statusOf = ({ code }: ErrorRecord): number => statuses[code] ?? 422

export const wrongHost: ErrorRecord = {
  code: 'E_HOST_REFUSED',
  message: 'The Host header names another service.',
  hint: 'Open the address that the service printed, or start it with --host for that name.',
}
export const noToken: ErrorRecord = {
  code: 'E_TOKEN_REQUIRED',
  message: 'The token is missing or wrong.',
  hint: 'Open the address that the service printed when it was started; it holds the token.',
}
export const foreignOrigin: ErrorRecord = {
  code: 'E_ORIGIN_REFUSED',
  message: 'Another page asks.',
  hint: 'Only pages of this service may change something.',
}
export const otherProject: ErrorRecord = {
  code: 'E_PROJECT_LEFT',
  message: 'Another project was opened meanwhile.',
  hint: 'Load the page again: it then shows that one.',
}
export const tooManyRequests: ErrorRecord = {
  code: 'E_TOO_MANY_REQUESTS',
  message: 'Too many requests at once.',
  hint: 'Wait a moment.',
}
export const notFound: ErrorRecord = {
  code: 'E_NOT_FOUND',
  message: 'There is nothing at this address.',
  hint: 'See /openapi.json for what there is.',
}
export const stopping: ErrorRecord = {
  code: 'E_BACKEND_GONE',
  message: 'The service is being stopped.',
  hint: 'Start it again.',
}

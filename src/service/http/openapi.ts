import { z } from 'zod'
import { version } from '../../../package.json'
import { events, procedures } from '../../shared/api'
import { errorRecord } from '../../shared/api/values'

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
const content = (schema: object) => ({ 'application/json': { schema } })

/** All procedures as an OpenAPI 3.1 document, from the schemas that check them. */
export function openApi(): object {
  const failure = {
    type: 'object',
    required: ['ok', 'error'],
    properties: { ok: { const: false }, error: { $ref: '#/components/schemas/Error' } },
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Patchwarden',
      version,
      description: 'Protects object detectors against adversarial patches, and shows its work.',
    },
    security: [{ bearer: [] }, { cookie: [] }],
    paths: {
      ...Object.fromEntries(
        Object.entries(procedures).map(([name, { summary, effect, input, output }]) => [
          `/api/${name}`,
          {
            post: {
              operationId: name,
              tags: [name.slice(0, name.indexOf('.'))],
              summary,
              'x-effect': effect,
              requestBody: { required: true, content: content(jsonSchema(input, 'input')) },
              responses: {
                200: {
                  description: 'The answer.',
                  content: content({
                    type: 'object',
                    required: ['ok', 'value'],
                    properties: { ok: { const: true }, value: jsonSchema(output, 'output') },
                  }),
                },
                default: { description: 'Why there is none.', content: content(failure) },
              },
            },
          },
        ]),
      ),
      ...otherPaths,
    },
    'x-events': Object.fromEntries(
      Object.entries(events).map(([name, { summary, data }]) => [
        name,
        { summary, data: jsonSchema(data, 'output') },
      ]),
    ),
    components: {
      schemas: { Error: jsonSchema(errorRecord, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'patchwarden-<port>' },
      },
    },
  }
}

const text = (name: string, where: 'path' | 'query', required = where === 'path') => ({
  ...{ name, in: where, required },
  schema: { type: 'string' },
})
const answers = (description: string) => ({ responses: { 200: { description } } })
const open = { security: [] }

const otherPaths = {
  '/events': { get: { summary: 'Events, as server-sent events.', ...answers('A stream.') } },
  '/media/{image}/{kind}': {
    get: {
      summary: 'A picture, by the id of its image and a kind.',
      parameters: [text('image', 'path'), text('kind', 'path'), text('v', 'query')],
      ...answers('WebP, JPEG or PNG.'),
    },
  },
  '/upload': {
    post: {
      summary: 'A file; those of one batch become one granted folder.',
      parameters: [
        text('name', 'query', true),
        text('batch', 'query', true),
        text('path', 'query'),
      ],
      requestBody: { content: { 'application/octet-stream': {} } },
      ...answers('The grant.'),
    },
  },
  '/download/{job}': {
    get: {
      summary: 'What an export wrote, where it is one file.',
      parameters: [text('job', 'path')],
      ...answers('The file.'),
    },
  },
  '/healthz': { get: { summary: 'Whether the process lives.', ...open, ...answers('It does.') } },
  '/readyz': {
    get: {
      summary: 'Whether it takes questions.',
      ...open,
      ...answers('It does; 503: not (any more).'),
    },
  },
  '/metrics': { get: { summary: 'Figures for Prometheus.', ...answers('Text.') } },
}

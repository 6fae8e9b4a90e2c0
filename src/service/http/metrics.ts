import type { FastifyInstance } from 'fastify'
import { version } from '../../../package.json'
import type { Service } from '../create-service'

/** What is counted of requests. */
export class RequestCounts {
  readonly #byStatus = new Map<string, number>()
  #milliseconds = 0
  #requests = 0

  add(status: number, ms: number): void {
    const kind = `${Math.floor(status / 100)}xx`
    this.#byStatus.set(kind, (this.#byStatus.get(kind) ?? 0) + 1)
    this.#milliseconds += ms
    this.#requests++
  }

  lines(): string[] {
    return [
      ...metric('patchwarden_requests_total', 'counter', 'Requests answered, by kind of status.'),
      ...[...this.#byStatus].map(
        ([kind, count]) => `patchwarden_requests_total{status="${kind}"} ${count}`,
      ),
      ...metric('patchwarden_request_seconds', 'summary', 'Time to answer.'),
      `patchwarden_request_seconds_sum ${this.#milliseconds / 1_000}`,
      `patchwarden_request_seconds_count ${this.#requests}`,
    ]
  }
}

/** `GET /metrics`: figures in the text form of Prometheus. */
export function addMetricsRoute(
  server: FastifyInstance,
  service: Service,
  counts: RequestCounts,
  streams: () => number,
): void {
  server.get('/metrics', (_request, reply) =>
    reply
      .type('text/plain; version=0.0.4; charset=utf-8')
      .send(`${[...figures(service, streams()), ...counts.lines()].join('\n')}\n`),
  )
}

function figures({ context }: Service, streams: number): string[] {
  const { project, tasks } = context
  const { images } = project.images.facets()
  const gauge = (name: string, help: string, value: number) => [
    ...metric(name, 'gauge', help),
    `${name} ${value}`,
  ]
  return [
    ...metric('patchwarden_build_info', 'gauge', 'The version that runs.'),
    `patchwarden_build_info{version="${version}"} 1`,
    ...gauge('patchwarden_images', 'Pictures in the project.', images),
    ...gauge('patchwarden_jobs_running', 'Jobs under way.', tasks.jobs.running.size),
    ...gauge('patchwarden_event_streams', 'Listeners to events.', streams),
    ...gauge('process_resident_memory_bytes', 'Memory of the core.', process.memoryUsage.rss()),
    ...gauge('process_uptime_seconds', 'Time since the start.', process.uptime()),
  ]
}

const metric = (name: string, type: string, help: string) => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
]

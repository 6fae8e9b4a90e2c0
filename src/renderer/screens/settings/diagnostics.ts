import type { Output } from '../../../shared/api'

/** What helps to answer a question about this installation: versions and counts, no names, no paths, no pictures. */
export function diagnosticsText(
  about: Output<'project.about'>,
  info: Output<'project.info'> | null,
): string {
  const lines = [
    `Patchwarden ${about.version}`,
    `platform ${about.platform}, node ${about.node}, ${about.threads} threads`,
    ...(info
      ? [`project: ${info.images} images, ${info.datasets} data sets, ${info.runs} runs`]
      : []),
    ...(info?.notes ?? []).map(({ code }) => `note ${code}`),
    ...about.models.map(({ id }) => `model ${id}`),
    ...about.parts
      .filter(({ name }) => /onnxruntime|sharp|better-sqlite3|electron/.test(name))
      .map(({ name, version }) => `${name} ${version}`),
  ]
  return `${lines.join('\n')}\n`
}

import type { D3sStudy } from '../engine/studies/d3s'
import type { OmImagenetStudy } from '../engine/studies/om-imagenet'
import type { ProbeScores, ProbeStudy, Tally } from '../shared/studies'
import { alignedTable } from './table'

export function d3sAsText(study: D3sStudy): string {
  const { accuracy, probes, model } = study
  return [
    ...(model ? [`model ${model.id}: ${model.answer}`] : []),
    ...(accuracy ? accuracyAsText(accuracy) : []),
    ...(model ? [classesAsText(study.classes)] : []),
    probes ? probesAsText(probes) : 'no probes: too few pictures, classes or backgrounds',
    ...study.readings.map((reading) => `our reading: ${reading}`),
  ].join('\n\n')
}

function accuracyAsText(accuracy: NonNullable<D3sStudy['accuracy']>): string[] {
  const { gap } = accuracy
  const rows: [string, Tally][] = [
    ['all', accuracy.all],
    ['verified', accuracy.verified],
    ['rejected', accuracy.rejected],
    ...accuracy.byShift.map((own): [string, Tally] => [own.shift, own]),
    ...accuracy.byBackground.map((own): [string, Tally] => [own.background, own]),
    ['usual backgrounds', gap.usual],
    ['unusual backgrounds', gap.unusual],
  ]
  const worst = accuracy.worstBackgrounds.map((own) => [own.className, own.background, ...row(own)])
  return [
    tallyTable('pictures of val', rows),
    `gap: ${signed(gap.difference)} points over all, ${signed(gap.meanOfClasses)} as the mean of ${gap.classes} classes (${gap.undecided} pictures undecided, ${gap.tiedClasses} classes with several usual backgrounds; ${accuracy.withoutClass} pictures of classes that the model lacks)`,
    alignedTable(['class', 'worst background', 'correct', 'pictures', 'percent'], worst),
  ]
}

function probesAsText(probes: ProbeStudy): string {
  const line = (name: string, own: ProbeScores): string[] => [
    name,
    percent(own.foreground.accuracy),
    percent(own.background.accuracy),
    String(own.foreground.pictures),
    own.mutualInformation.toFixed(3),
    own.informationOnBackground.toFixed(3),
  ]
  const table = alignedTable(
    ['probes', 'foreground %', 'background %', 'pictures', 'I(f; b)', 'I(f; truth)'],
    [line('apart', probes.apart), line(`penalty ${probes.penalized.penalty}`, probes.penalized)],
  )
  return `probes on ${probes.features}: ${probes.width} values, ${probes.trainingPictures} training pictures, ${probes.foregroundClasses} classes, ${probes.backgrounds.length} backgrounds (${probes.heldOutUnseen} held-out pictures left out)\n${table}\nI in nats: of the two probes' predictions, and of the foreground probe and the true background`
}

export function omImagenetAsText(study: OmImagenetStudy): string {
  const { pairs, latents, model } = study
  const rows: [string, Tally][] = [
    ['natural', study.natural],
    ['on-manifold', study.onManifold],
    ...study.byClass.flatMap((own): [string, Tally][] => [
      [`${own.className}, natural`, own.natural],
      [`${own.className}, on-manifold`, own.onManifold],
    ]),
  ]
  const { test } = pairs
  return [
    `model ${model.id}: ${model.answer}`,
    tallyTable('pictures', rows),
    `classes that the model lacks: ${study.natural.withoutClass} natural and ${study.onManifold.withoutClass} on-manifold pictures`,
    `pairs: ${pairs.count} (${pairs.unpaired} pictures without a partner); same answer in ${pairs.agreeing} (${percent(pairs.agreement)} %); both right ${pairs.bothCorrect}, both wrong ${pairs.bothWrong}, only the natural one right ${test.onlyFirst}, only its projection ${test.onlySecond}; exact sign test p = ${test.p.toPrecision(3)}`,
    classesAsText(study.classes),
    ...(latents
      ? [
          `nearest class mean of latents: ${latents.all.correct} of ${latents.all.pictures} right (${percent(latents.all.accuracy)} %), means of ${latents.trainingLatents} training latents in ${latents.classes} classes`,
        ]
      : []),
    ...study.readings.map((reading) => `our reading: ${reading}`),
  ].join('\n\n')
}

function classesAsText({ mapped, unmappedDataset, unmappedModel }: D3sStudy['classes']): string {
  const none =
    mapped === 0
      ? 'the model knows none of the classes by the same name, so there is nothing to count: --map "data set name=model name" joins two\n'
      : ''
  const some = (names: readonly string[]): string =>
    names.length === 0
      ? 'none'
      : `${names.slice(0, 10).join('; ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`
  return `${none}classes joined by name: ${mapped}; only in the data set: ${some(unmappedDataset)}; only in the model: ${some(unmappedModel)}`
}

function tallyTable(head: string, rows: readonly (readonly [string, Tally])[]): string {
  return alignedTable(
    [head, 'correct', 'pictures', 'percent'],
    rows.map(([name, own]) => [name, ...row(own)]),
  )
}

function row({ correct, pictures, accuracy }: Tally): string[] {
  return [String(correct), String(pictures), percent(accuracy)]
}

function percent(value: number | null): string {
  return value === null ? '-' : (100 * value).toFixed(1)
}

function signed(value: number | null): string {
  if (value === null) return '-'
  return `${value > 0 ? '+' : ''}${(100 * value).toFixed(1)}`
}

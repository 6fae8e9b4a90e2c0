/** One photograph of the demo. */
export interface DemoRow {
  readonly file: string
  /** Way from the page to the annotated picture. */
  readonly picture: string
  /** Number of detections without and with the defense. */
  readonly before: number
  readonly after: number
  readonly removedFraction: number
  readonly ms: number
}

export interface DemoFacts {
  readonly detector: string
  readonly defense: string
  readonly seconds: number
}

/** A page that stands alone: no script, nothing fetched but the pictures beside it. */
export function demoPage(rows: readonly DemoRow[], facts: DemoFacts): string {
  const changed = rows.filter((row) => row.removedFraction > 0).length
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Patchwarden demo</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; margin-bottom: 0.25rem; }
  figure { margin: 0; border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 8px; overflow: hidden; }
  figure img { display: block; width: 100%; height: auto; }
  figcaption { padding: 0.6rem 0.8rem; font-size: 0.95rem; }
  main { display: grid; grid-template-columns: repeat(auto-fill, minmax(30rem, 1fr)); gap: 1.25rem; margin-top: 1.5rem; }
  .removed { color: light-dark(#9a3412, #fdba74); }
  @media (max-width: 34rem) { main { grid-template-columns: 1fr; } }
</style>
<h1>With and without the defense</h1>
<p>${rows.length} photographs, ${escape(facts.detector)} behind ${escape(facts.defense)}; something was removed from
${changed} of them. Done in ${facts.seconds.toFixed(1)} seconds. The left half of each picture is what the detector finds
by itself, the right half what it finds once patches are removed. A removed area is outlined; a defense can be wrong in
both directions, so look.</p>
<main>
${rows.map(figure).join('\n')}
</main>
</html>
`
}

function figure(row: DemoRow): string {
  const removed =
    row.removedFraction > 0
      ? `<span class="removed">${(100 * row.removedFraction).toFixed(1)} % removed</span>`
      : 'nothing removed'
  return `<figure>
  <a href="${encodePath(row.picture)}"><img src="${encodePath(row.picture)}" alt="${escape(row.file)}: ${row.before} detections without, ${row.after} with the defense" loading="lazy"></a>
  <figcaption><strong>${escape(row.file)}</strong>: ${row.before} → ${row.after} detections, ${removed}, ${row.ms.toFixed(0)} ms</figcaption>
</figure>`
}

function escape(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (c) => entities[c] ?? c)
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

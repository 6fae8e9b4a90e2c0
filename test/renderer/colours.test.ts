import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ciede2000, contrast, lab, rgbOf, seen, type Deficiency } from './colour-maths'

const css = readFileSync(new URL('../../src/renderer/styles/tokens.css', import.meta.url), 'utf8')

/** Colours of one block of tokens.css by name, such as `d-gained`. */
function tokens(selector: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const [, head = '', body = ''] of css.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    const names = head
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .split(',')
      .map((part) => part.trim())
    if (!names.some((name) => name.replaceAll("'", '"') === selector)) continue
    for (const [, name = '', value = ''] of body.matchAll(
      /--([\w-]+):\s*(#[0-9a-fA-F]{3,6})\s*;/g,
    )) {
      const hex = value.length === 4 ? `#${value.slice(1).replace(/./g, '$&$&')}` : value
      found.set(name, hex)
    }
  }
  return found
}

const data = tokens(':root')
const colour = (name: string): string => {
  const hex = data.get(`d-${name}`)
  if (hex === undefined) throw new Error(`tokens.css has no --d-${name}`)
  return hex
}

function smallest(
  pairs: readonly (readonly [string, string])[],
  vision: Deficiency | null,
): number {
  return Math.min(
    ...pairs.map(([one, other]) =>
      ciede2000(lab(seen(rgbOf(colour(one)), vision)), lab(seen(rgbOf(colour(other)), vision))),
    ),
  )
}

const among = (names: readonly string[]): (readonly [string, string])[] =>
  names.flatMap((one, n) => names.slice(n + 1).map((other) => [one, other] as const))
const between = (ones: readonly string[], others: readonly string[]) =>
  ones.flatMap((one) => others.map((other) => [one, other] as const))

const differences = ['gained', 'lost', 'moved', 'relabelled']
const masks = ['raw', 'completed']

describe('data colours are told apart, also by those who see fewer', () => {
  const cases = [
    ['boxes and masks', among(['undefended', 'defended', 'truth', ...masks]), [26, 14, 18, 14]],
    ['differences and truth', among([...differences, 'truth']), [28, 18, 17, 16]],
    // Lost against completed in tritanopia: a dash-dot box against a hatched area.
    ['differences with the completed mask', between(differences, ['completed']), [23, 18, 19, 7]],
  ] as const
  const visions = [null, 'protan', 'deutan', 'tritan'] as const
  for (const [name, pairs, limits] of cases) {
    for (const [n, vision] of visions.entries()) {
      test(`${name}, ${vision ?? 'normal'}`, () => {
        expect(smallest(pairs, vision)).toBeGreaterThanOrEqual((limits[n] ?? 0) - 0.5)
      })
    }
  }
})

test('CIEDE2000 agrees with the published test data', () => {
  // Sharma, Wu and Dalal 2005, pairs 1, 7, 13, 17 and 25 of their table.
  const pairs = [
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, 0, 0], [50, -1, 2], 2.3669],
    [[50, -0.001, 2.49], [50, 0.0009, -2.49], 4.8045],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
  ] as const
  for (const [one, other, expected] of pairs) {
    expect(ciede2000(one, other)).toBeCloseTo(expected, 3)
  }
})

describe('contrast', () => {
  const grounds = ['bg-app', 'bg-panel', 'bg-raised', 'bg-hover', 'bg-active']
  for (const theme of ['dark', 'light', 'hc']) {
    const of = tokens(`[data-theme="${theme}"]`)
    const hex = (name: string): string => of.get(name) ?? '#000000'
    const least = (text: string, on: readonly string[]): number =>
      Math.min(...on.map((ground) => contrast(rgbOf(hex(text)), rgbOf(hex(ground)))))

    test(`${theme}: text is readable on every ground`, () => {
      for (const text of ['text', 'text-2', 'text-3', 'accent']) {
        expect(least(text, grounds), text).toBeGreaterThanOrEqual(4.5)
      }
      expect(least('on-primary', ['primary'])).toBeGreaterThanOrEqual(4.5)
    })

    test(`${theme}: inks are readable on panel, raised, active and the Library's grid`, () => {
      const inks = [...of.keys()].filter((name) => name.startsWith('ink-'))
      expect(inks).toHaveLength(11)
      for (const ink of inks) {
        expect(
          least(ink, ['bg-panel', 'bg-raised', 'bg-active', 'bg-grid']),
          ink,
        ).toBeGreaterThanOrEqual(4.5)
      }
    })

    test(`${theme}: borders of inputs stand out`, () => {
      expect(
        least('line-control', ['bg-app', 'bg-panel', 'bg-raised', 'bg-hover']),
      ).toBeGreaterThanOrEqual(2.95)
    })

    test(`${theme}: figures in heat cells are readable`, () => {
      for (let step = 0; step <= 5; step++) {
        const ground = rgbOf(hex(`heat-${step}`))
        const best = Math.max(
          contrast(rgbOf(hex('on-heat-low')), ground),
          contrast(rgbOf(hex('on-heat-high')), ground),
        )
        expect(best, `step ${step}`).toBeGreaterThanOrEqual(4.5)
      }
    })
  }

  test('words on a filled tag are readable', () => {
    for (const name of [
      'undefended',
      'defended',
      'truth',
      'moved',
      'relabelled',
      'gained',
      'lost',
      'completed',
      'raw',
    ]) {
      expect(contrast(rgbOf(colour('on')), rgbOf(colour(name))), name).toBeGreaterThanOrEqual(4.5)
    }
  })
})

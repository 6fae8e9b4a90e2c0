/** Colour as red, green, blue in 0..1. */
export type Rgb = readonly [number, number, number]

export function rgbOf(hex: string): Rgb {
  const part = (at: number): number => parseInt(hex.slice(at, at + 2), 16) / 255
  return [part(1), part(3), part(5)]
}

export const linear = (value: number): number =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4

/** Relative luminance and contrast as WCAG 2 defines them. */
export function luminance(colour: Rgb): number {
  const [r, g, b] = colour
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

export function contrast(one: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((x, y) => y - x)
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05)
}

/** Machado, Oliveira and Fernandes 2009, severity 1.0; applied to linear light. */
export const deficiencies = {
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
} as const

export type Deficiency = keyof typeof deficiencies

/** Linear light, as someone with the deficiency has it; null: normal vision. */
export function seen(colour: Rgb, deficiency: Deficiency | null): Rgb {
  const [r, g, b] = [linear(colour[0]), linear(colour[1]), linear(colour[2])]
  if (deficiency === null) return [r, g, b]
  const rows = deficiencies[deficiency]
  const mix = (row: readonly number[]): number =>
    Math.min(1, Math.max(0, (row[0] ?? 0) * r + (row[1] ?? 0) * g + (row[2] ?? 0) * b))
  return [mix(rows[0]), mix(rows[1]), mix(rows[2])]
}

/** CIE L*a*b* (D65) of linear light. */
export function lab([r, g, b]: Rgb): Rgb {
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116)
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047)
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b)
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

const degrees = (radians: number): number => (radians * 180) / Math.PI
const radians = (angle: number): number => (angle * Math.PI) / 180

/** CIEDE2000 (Sharma, Wu and Dalal 2005), all weights 1. */
export function ciede2000(one: Rgb, other: Rgb): number {
  const [L1, a1, b1] = one
  const [L2, a2, b2] = other
  const meanC = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2
  const G = 0.5 * (1 - Math.sqrt(meanC ** 7 / (meanC ** 7 + 25 ** 7)))
  const [p1, p2] = [(1 + G) * a1, (1 + G) * a2]
  const [C1, C2] = [Math.hypot(p1, b1), Math.hypot(p2, b2)]
  const hue = (b: number, a: number): number =>
    a === 0 && b === 0 ? 0 : (degrees(Math.atan2(b, a)) + 360) % 360
  const [h1, h2] = [hue(b1, p1), hue(b2, p2)]
  const dL = L2 - L1
  const dC = C2 - C1
  let dh = 0
  if (C1 * C2 !== 0) {
    dh = h2 - h1
    if (dh > 180) dh -= 360
    else if (dh < -180) dh += 360
  }
  const dH = 2 * Math.sqrt(C1 * C2) * Math.sin(radians(dh / 2))
  const L = (L1 + L2) / 2
  const C = (C1 + C2) / 2
  let h = h1 + h2
  if (C1 * C2 !== 0) {
    if (Math.abs(h1 - h2) <= 180) h /= 2
    else h = h < 360 ? (h + 360) / 2 : (h - 360) / 2
  }
  const T =
    1 -
    0.17 * Math.cos(radians(h - 30)) +
    0.24 * Math.cos(radians(2 * h)) +
    0.32 * Math.cos(radians(3 * h + 6)) -
    0.2 * Math.cos(radians(4 * h - 63))
  const turn = 30 * Math.exp(-(((h - 275) / 25) ** 2))
  const RC = 2 * Math.sqrt(C ** 7 / (C ** 7 + 25 ** 7))
  const SL = 1 + (0.015 * (L - 50) ** 2) / Math.sqrt(20 + (L - 50) ** 2)
  const SC = 1 + 0.045 * C
  const SH = 1 + 0.015 * C * T
  const RT = -Math.sin(radians(2 * turn)) * RC
  return Math.sqrt((dL / SL) ** 2 + (dC / SC) ** 2 + (dH / SH) ** 2 + RT * (dC / SC) * (dH / SH))
}

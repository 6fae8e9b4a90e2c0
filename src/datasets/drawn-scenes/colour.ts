/** `#rrggbb` of a hue in degrees and saturation and lightness in 0..1. */
export function hsl(hue: number, saturation: number, lightness: number): string {
  const h = ((hue % 360) + 360) % 360
  const reach = saturation * Math.min(lightness, 1 - lightness)
  const channel = (n: number) => {
    const k = (n + h / 30) % 12
    return lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))
  }
  return hex([channel(0), channel(8), channel(4)])
}

/** Moves `#rrggbb` towards white (`amount` > 0) or black (< 0); 1 goes all the way. */
export function shade(colour: string, amount: number): string {
  return mix(colour, amount > 0 ? '#ffffff' : '#000000', Math.abs(amount))
}

/** `from` at 0, `to` at 1. */
export function mix(from: string, to: string, amount: number): string {
  const a = parse(from)
  const b = parse(to)
  return hex([0, 1, 2].map((i) => a[i]! + (b[i]! - a[i]!) * amount))
}

function parse(colour: string): number[] {
  return [1, 3, 5].map((i) => Number.parseInt(colour.slice(i, i + 2), 16) / 255)
}

function hex(channels: readonly number[]): string {
  const byte = (v: number) => Math.round(Math.min(1, Math.max(0, v)) * 255)
  return `#${channels.map((v) => byte(v).toString(16).padStart(2, '0')).join('')}`
}

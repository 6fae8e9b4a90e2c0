import { colourByRamp } from './heat'

/** A picture of the service, decoded off the main thread. @throws Error when it cannot be fetched or decoded */
export async function loadPicture(url: string, signal?: AbortSignal): Promise<HTMLImageElement> {
  const image = new Image()
  // Pixels are read back for the status bar and the probability map.
  image.crossOrigin = 'anonymous'
  image.decoding = 'async'
  image.src = url
  const stop = (): void => {
    image.src = ''
  }
  signal?.addEventListener('abort', stop, { once: true })
  try {
    await image.decode()
  } finally {
    signal?.removeEventListener('abort', stop)
  }
  signal?.throwIfAborted()
  return image
}

/** A grey picture of probabilities in the colours of the ramp, and its values. */
export interface HeatMap {
  readonly layer: HTMLCanvasElement
  readonly whole: HTMLCanvasElement
  /** 0..1 at a point given as fractions of width and height. */
  valueAt(x: number, y: number): number
}

export function heatMap(image: HTMLImageElement): HeatMap {
  const { naturalWidth: width, naturalHeight: height } = image
  const [layer, layerContext] = newCanvas(width, height)
  const [whole, wholeContext] = newCanvas(width, height)
  layerContext.drawImage(image, 0, 0)
  const grey = layerContext.getImageData(0, 0, width, height)
  const values = new Uint8Array(width * height)
  for (let i = 0; i < values.length; i++) values[i] = grey.data[4 * i]!
  const opaque = new ImageData(grey.data.slice(), width, height)
  colourByRamp(grey.data, true)
  colourByRamp(opaque.data, false)
  layerContext.putImageData(grey, 0, 0)
  wholeContext.putImageData(opaque, 0, 0)
  return {
    layer,
    whole,
    valueAt(x, y) {
      const column = Math.min(width - 1, Math.max(0, Math.floor(x * width)))
      const row = Math.min(height - 1, Math.max(0, Math.floor(y * height)))
      return (values[row * width + column] ?? 0) / 255
    },
  }
}

/** Reads single pixels of a picture, for the status bar. */
export class ColourProbe {
  readonly #context: CanvasRenderingContext2D

  constructor() {
    const [, context] = newCanvas(1, 1, true)
    this.#context = context
  }

  /** Red, green and blue at a point given as fractions of width and height. */
  at(image: HTMLImageElement, x: number, y: number): readonly [number, number, number] {
    const column = Math.min(image.naturalWidth - 1, Math.floor(x * image.naturalWidth))
    const row = Math.min(image.naturalHeight - 1, Math.floor(y * image.naturalHeight))
    this.#context.drawImage(image, column, row, 1, 1, 0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0] = this.#context.getImageData(0, 0, 1, 1).data
    return [red, green, blue]
  }
}

function newCanvas(
  width: number,
  height: number,
  isReadOften = false,
): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d', { willReadFrequently: isReadOften })
  if (!context) throw new Error('this browser has no 2D canvas')
  return [canvas, context]
}

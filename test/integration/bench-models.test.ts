import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { writeOnnx } from '../support/onnx-writer'
import { startWith } from '../support/own-package'
import { errorCodes, temporaryFolder } from '../support/program'

/** The program starts itself once for each model. */
vi.setConfig({ testTimeout: 240_000 })

const side = 16

/** A picture of `channels` in, as many convolutions of 3x3 as asked for. */
const convolutions = (channels: number, count: number): Uint8Array =>
  writeOnnx({
    inputs: [{ name: 'x0', dims: ['n', channels, 'h', 'w'] }],
    outputs: [{ name: `x${count}`, dims: ['n', channels, 'h', 'w'] }],
    nodes: Array.from({ length: count }, (_, k) => ({
      op: 'Conv',
      inputs: [`x${k}`, 'w'],
      outputs: [`x${k + 1}`],
      attributes: { pads: [1, 1, 1, 1] },
    })),
    initializers: [
      {
        name: 'w',
        dims: [channels, channels, 3, 3],
        data: new Array<number>(9 * channels * channels).fill(0.1),
      },
    ],
  })

test('bench models tells size, work, time and memory of every shipped model', async () => {
  const folder = temporaryFolder()
  const write = (id: string, task: string, model: Uint8Array): void => {
    const place = join(folder, 'models', id)
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'model.onnx'), model)
    const input = { name: 'x0', width: side, height: side }
    writeFileSync(
      join(place, 'model.json'),
      JSON.stringify({ id, task, file: 'model.onnx', input }),
    )
  }
  write('sac-unet16', 'segment-patch', convolutions(3, 4))
  write('sac-small', 'segment-patch', convolutions(3, 1))
  write('six-channels', 'classify', convolutions(6, 1))
  const run = (...args: string[]) =>
    startWith({ packageRoot: folder, cwd: folder, env: {} }, ['bench', ...args]).ended

  const json = await run('models', '--json')
  expect(json.code, json.stderr).toBe(0)
  const { models, bareBytes } = JSON.parse(json.stdout) as {
    bareBytes: number
    models: Record<string, unknown>[]
  }
  expect(models.map(({ id }) => id)).toEqual(['sac-small', 'sac-unet16', 'six-channels'])
  const [small, peer, classifier] = models
  expect(small).toMatchObject({ parameters: 81, multiplyAdds: 512 * 512 * 81 })
  expect(peer).toMatchObject({ multiplyAdds: 4 * 512 * 512 * 81, timesFasterThanPeer: 1 })
  expect(classifier).toMatchObject({
    inputs: { x0: [1, 6, side, side] },
    parameters: 324,
    multiplyAdds: side * side * 324,
    fileBytes: convolutions(6, 1).length,
  })
  expect(classifier).not.toHaveProperty('timesFasterThanPeer')
  for (const { medianMs, peakBytes } of models) {
    expect(medianMs).toBeGreaterThan(0)
    expect(peakBytes).toBeGreaterThan(bareBytes / 2)
  }

  const wrong = await run('completion', '--json')
  expect(wrong.code).toBe(2)
  expect(errorCodes(wrong.stderr)).toEqual(['E_USAGE'])
})

import { expect, test } from 'vitest'
import { startPatchwarden, type RunningProgram } from '../support/program'

/** A machine without Electron and without a way to it: nothing listens at the place that it would come from. */
const withoutElectron = {
  ELECTRON_OVERRIDE_DIST_PATH: '/nowhere',
  ELECTRON_MIRROR: 'http://127.0.0.1:9/',
  electron_config_cache: '/nowhere',
  // No browser is to open on the machine of whoever runs this.
  PATH: '/nowhere',
}

const addressOf = ({ child, ended }: RunningProgram) =>
  new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (piece: string) => {
      text += piece
      const [address] = /http:\S+/.exec(text) ?? []
      if (address !== undefined) resolve(address)
    })
    void ended.then(({ stderr }) => {
      reject(new Error(stderr))
    })
  })

async function visit(program: RunningProgram): Promise<Response> {
  const address = await addressOf(program)
  const entrance = await fetch(address, { redirect: 'manual' })
  const cookie = entrance.headers.get('set-cookie')?.split(';')[0] ?? ''
  return fetch(new URL('/', address), { headers: { cookie } })
}

test(
  'without Electron, says so in one line and serves the same pages to the browser',
  { timeout: 240_000 },
  async () => {
    const program = startPatchwarden(['start'], { env: withoutElectron })
    const page = await visit(program)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(await page.text()).toContain('<title>Patchwarden</title>')
    program.child.kill('SIGINT')
    const { stderr } = await program.ended
    const told = stderr.split('\n').filter((line) => line.includes('Electron cannot be had'))
    expect(told).toEqual([
      'Electron cannot be had here: opening the same application in the browser.',
    ])
  },
)

test('--browser does not ask for Electron', async () => {
  const program = startPatchwarden(['start', '--browser'], { env: withoutElectron })
  expect((await visit(program)).status).toBe(200)
  program.child.kill('SIGINT')
  expect((await program.ended).stderr).not.toContain('Electron')
})

import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { patchwarden, startPatchwarden, type RunningProgram } from '../../support/program'
import { temporaryFolder } from '../../engine/temporary-folder'

const folder = temporaryFolder()
const project = join(folder, 'project')
const tokenFile = join(folder, 'token')
let running: RunningProgram | null = null

afterEach(async () => {
  running?.child.kill('SIGKILL')
  await running?.ended
})

/** The program, once it has printed its address. */
async function serve(
  ...more: readonly string[]
): Promise<RunningProgram & { readonly entrance: URL }> {
  const started = startPatchwarden([
    '--project',
    project,
    'serve',
    '--token-file',
    tokenFile,
    ...more,
  ])
  running = started
  const entrance = await new Promise<string>((resolve, reject) => {
    started.child.stdout?.once('data', (text: string) => {
      resolve(text.trim())
    })
    started.ended.then(({ stderr }) => {
      reject(new Error(stderr))
    }, reject)
  })
  return { ...started, entrance: new URL(entrance) }
}

async function call(entrance: URL, name: string, input: unknown) {
  const response = await fetch(new URL(`/api/${name}`, entrance), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(input),
  })
  return (await response.json()) as {
    ok: boolean
    value: Record<string, unknown>
    error: { code: string }
  }
}

test('the program prints its address, serves, keeps its token, and ends on SIGTERM with everything stored', async () => {
  const granted = join(folder, 'photos')
  mkdirSync(granted)
  const first = await serve('--grant', granted)
  expect(first.entrance.hostname).toBe('127.0.0.1')
  expect(statSync(tokenFile).mode & 0o077).toBe(0)
  expect((await call(first.entrance, 'project.info', {})).value).toMatchObject({ isEmpty: true })
  expect((await call(first.entrance, 'grants.fromPath', { path: granted })).ok).toBe(true)
  expect((await call(first.entrance, 'grants.fromPath', { path: '/etc/passwd' })).error.code).toBe(
    'E_GRANT_REFUSED',
  )
  expect((await fetch(new URL('/api/project.info', first.entrance))).status).toBe(401)
  const locked = await patchwarden(['--project', project, 'serve'])
  expect(locked.code).toBe(2)
  expect(locked.stderr).toContain('E_PROJECT_LOCKED')
  await call(first.entrance, 'settings.set', { theme: 'dark' })
  first.child.kill('SIGTERM')
  expect(await first.ended).toMatchObject({ code: 0 })

  const second = await serve()
  expect(second.entrance.search).toBe(first.entrance.search)
  expect((await call(second.entrance, 'grants.fromPath', { path: granted })).error.code).toBe(
    'E_GRANT_REFUSED',
  )
  second.child.kill('SIGKILL')
  await second.ended
  const third = await serve()
  const { value } = await call(third.entrance, 'project.info', {})
  expect(value['notes']).toMatchObject([{ code: 'W_LOCK_STALE' }])
  third.child.kill('SIGINT')
  expect(await third.ended).toMatchObject({ code: 0 })
})

test('what cannot be served says why', async () => {
  const wrong = await patchwarden(['--project', project, 'serve', '--grant', '/no/such/folder'])
  expect(wrong).toMatchObject({ code: 2 })
  expect(wrong.stderr).toContain('error E_GRANT_REFUSED')
  const host = await patchwarden(['--project', project, 'serve', '--host', '203.0.113.9'])
  expect(host.stderr).toContain('error E_PORT_NOT_FREE')
  const port = await patchwarden(['serve', '--port', '70000'])
  expect(port.code).toBe(2)
})

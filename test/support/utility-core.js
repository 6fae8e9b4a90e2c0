// A core that obeys what its argument says: used to see how the supervisor takes deaths, hangs and refusals. It speaks
// the wire of src/main/core-messages.ts.
import process from 'node:process'

const { parentPort } = process
/** A word, or the arguments of the real core with a word in place of the folder. */
const argument = process.argv.at(-1)
const order = argument.startsWith('{') ? JSON.parse(argument).packageRoot : argument
const grants = []
const tell = (message) => parentPort.postMessage(message)

setInterval(() => tell({ kind: 'beat' }), 20)
parentPort.on('message', ({ data, ports }) => {
  if (data.kind === 'stop') {
    if (order !== 'stubborn') process.exit(0)
  } else if (data.kind === 'grant') {
    grants.push(data.grant)
    tell({ kind: 'grant-taken', id: data.grant.id })
  } else if (data.kind === 'connect') {
    const [port] = ports
    port.on('message', ({ data: text }) => {
      if (text === 'die') process.exit(7)
      port.postMessage({ echo: text, grants, env: Object.keys(process.env) })
    })
    port.start()
  } else if (data.kind === 'media' && data.path !== '/1/never?v=1') {
    const bytes = new TextEncoder().encode(data.path)
    const answer = data.path.startsWith('/404')
      ? { status: 404 }
      : { status: 200, contentType: 'image/png', bytes }
    tell({ kind: 'media', request: data.request, answer })
  }
})

if (order === 'die') {
  process.stderr.write('out of luck\n', () => process.exit(3))
} else if (order === 'refuse') {
  tell({
    kind: 'refused',
    error: { code: 'E_PROJECT_LOCKED', message: 'in use', hint: 'close it' },
  })
  setTimeout(() => process.exit(2), 50)
} else {
  tell({ kind: 'recent', projects: [{ id: 'ab12', name: 'Street' }] })
  if (order === 'stubborn') process.on('SIGTERM', () => undefined)
  tell({ kind: 'ready' })
}

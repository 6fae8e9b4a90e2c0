// A worker as the engine writes them, for a child process of Node: says back what it hears, and obeys a few words.
import process from 'node:process'

process.on('disconnect', () => process.exit(0))
process.on('message', (message) => {
  if (message === 'crash') process.kill(process.pid, 'SIGKILL')
  else if (message === 'reject') void Promise.reject(new Error('nobody caught this'))
  else process.send({ said: message, pid: process.pid }, undefined, {}, () => undefined)
})

import { toErrorRecord } from '../../shared/errors'
import { openModelStore } from '../models/model-store'
import { createModelHost } from '../models/sessions'
import type { Locations } from '../vision-job'
import { showPicture } from './encode-picture'
import { drawScenes } from './draw-scenes'
import type { FromStudio, ToStudio } from './messages'
import { ModelMemory } from './model-memory'
import { PictureMemory } from './picture-memory'
import { proposePatches } from './propose'
import { Tries } from './tries'

// The program of the process behind the screens: makes the pictures that are shown, and tries settings on single ones.
// It knows no database and no network. Orders are answered one after the other.

const memory = new ModelMemory()
const pictures = new PictureMemory()
const rooms = new Map<string, ReturnType<typeof openRoom>>()
let turn: Promise<unknown> = Promise.resolve()

process.on('message', (message) => {
  const told = message as ToStudio // written by the studio of the same build
  turn = turn.then(() => answer(told))
})
// Ctrl-C reaches every process of the terminal; the parent decides when this one ends.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit(0))

async function answer(told: ToStudio): Promise<void> {
  try {
    send({ id: told.id, value: await work(told) })
  } catch (error) {
    send({ id: told.id, error: toErrorRecord(error) })
  }
}

async function work(told: ToStudio): Promise<unknown> {
  switch (told.kind) {
    case 'picture':
      return showPicture(told.order)
    case 'try':
      return (await roomFor(told.order)).tries.run(told.order)
    case 'stage':
      return (await roomFor(told.order)).tries.picture(told.order, told.order.what)
    case 'scenes':
      return drawScenes(told.order.folder)
    case 'propose':
      return proposePatches(told.order, (await roomFor(told.order)).models, memory, pictures)
  }
}

/** Models of one project, with so many threads; opened once. */
function roomFor({ locations, threads }: { locations: Locations; threads: number }) {
  const key = JSON.stringify([locations, threads])
  const known = rooms.get(key)
  if (known) return known
  const room = openRoom(locations, threads)
  room.catch(() => rooms.delete(key)) // the next order may find the catalogue mended
  rooms.set(key, room)
  return room
}

async function openRoom(locations: Locations, threads: number) {
  const models = createModelHost({ store: await openModelStore(locations), threads })
  return { models, tries: new Tries(models, memory, pictures) }
}

function send(message: FromStudio): void {
  process.send?.(message, undefined, {}, () => undefined)
}

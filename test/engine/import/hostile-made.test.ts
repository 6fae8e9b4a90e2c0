import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import folderImporter from '../../../src/datasets/folder/importer'
import type { CheckedRecord } from '../../../src/engine/import/checked-records'
import { diskSource } from '../../../src/engine/import/disk-source'
import { importRecords } from '../../../src/engine/import/import-records'
import { asOrdinaryUser, temporaryFolder } from '../temporary-folder'
import { hostileFolder, madeCases, type MadeCase } from './hostile-cases'
import { expectDecision } from './run-import'

const folder = temporaryFolder()
chmodSync(folder, 0o755) // for the case in which another user reads

/** What happens when the importer has listed the files and before the pipeline reads them. */
const meanwhile: Readonly<Record<string, (root: string, given: MadeCase) => void>> = {
  vanish: (root, { name = '' }) => {
    rmSync(join(root, name))
  },
}

/** Makes the files of a case below `root`. */
const makers: Readonly<Record<string, (root: string, given: MadeCase) => void>> = {
  name: (root, given) => {
    copy(given, join(root, given.name ?? ''))
  },
  'name-pair': (root, given) => {
    for (const name of given.names ?? []) copy(given, join(root, name))
  },
  'bytes-name': (root, given) => {
    const name = Buffer.from(given.name_hex ?? '', 'hex')
    copy(given, Buffer.concat([Buffer.from(`${root}/`), name]))
  },
  mode: (root, given) => {
    copy(given, join(root, given.name ?? ''))
    chmodSync(join(root, given.name ?? ''), Number.parseInt(given.mode ?? '', 8))
  },
  fifo: (root, { name = '' }) => {
    execFileSync('mkfifo', [join(root, name)])
  },
  vanish: (root, given) => {
    copy(given, join(root, given.name ?? ''))
  },
  grow: (root, given) => {
    // Long enough for its reading to take a few turns of the event loop; zeros behind a picture harm nobody.
    const picture = readFileSync(join(hostileFolder, given.copy_of ?? ''))
    writeFileSync(join(root, given.name ?? ''), Buffer.concat([picture, Buffer.alloc(2 ** 25)]))
  },
}
for (const make of ['symlink-loop', 'symlink-folder-loop', 'symlink-out']) {
  Object.assign(makers, { [make]: links })
}

function links(root: string, given: MadeCase): void {
  for (const [path, to] of given.links ?? []) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    symlinkSync(to, join(root, path))
  }
  mkdirSync(join(root, 'folder'), { recursive: true })
  copyFileSync(join(hostileFolder, 'images/good.jpg'), join(root, 'folder/real.jpg'))
}

function copy({ copy_of = '' }: MadeCase, to: string | Buffer): void {
  copyFileSync(join(hostileFolder, copy_of), to)
}

describe('every case that a repository cannot hold', () => {
  const here = madeCases.filter(({ platforms }) => platforms?.includes(process.platform) ?? true)
  test.each(here)('$make: $decision $code, $what', async (given) => {
    const root = mkdtempSync(join(folder, 'root-'))
    chmodSync(root, 0o755)
    makers[given.make]?.(root, given)
    expect(readdirSync(root).length).toBeGreaterThan(0)
    const records: CheckedRecord[] = []
    const start = performance.now()
    await asOrdinaryUser(async () => {
      const source = await diskSource(root)
      if (given.make === 'grow') growOnLoad(source, join(root, given.name ?? ''))
      const importer = {
        ...folderImporter,
        async *read(...[files, params]: Parameters<typeof folderImporter.read>) {
          for await (const record of folderImporter.read(files, params)) {
            meanwhile[given.make]?.(root, given)
            yield record
          }
        },
      }
      // The file belongs to this test's user, not to the one who reads.
      const act = given.make === 'vanish' ? asSelf : asIs
      await act(async () => {
        for await (const record of importRecords(source, importer, { labels: 'none' })) {
          records.push(record)
        }
      })
    })
    expect(performance.now() - start).toBeLessThan(2_000)
    const problems = records.flatMap((record) =>
      record.kind === 'problem' ? [record.problem] : [],
    )
    const end = records.at(-1)
    if (end?.kind !== 'end') throw new Error('the import did not end')
    const besides = given.make === 'grow' ? ['W_TRAILING_DATA'] : []
    expectDecision({ records, problems, counts: end.counts, refusal: null }, given, besides)
    const images = records.flatMap((record) => (record.kind === 'image' ? [record.image] : []))
    if (given.make.startsWith('symlink')) {
      expect(images.map(({ file }) => file)).toEqual(['folder/real.jpg'])
    }
    if (given.code === 'W_NAME_COLLISION') expect(images).toHaveLength(2)
    if (given.make === 'bytes-name') {
      expect(images[0]?.file).toContain('\ufffd')
      expect(images[0]?.contents?.path).toBeInstanceOf(Uint8Array)
    }
  })
})

const asIs = (act: () => Promise<void>) => act()
async function asSelf(act: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return act()
  process.seteuid?.(0)
  try {
    await act()
  } finally {
    process.seteuid?.(65_534)
  }
}

/** Writes to the file as soon as it is open. */
function growOnLoad(source: Awaited<ReturnType<typeof diskSource>>, path: string): void {
  const load = source.load.bind(source)
  source.load = (name) => {
    const loading = load(name)
    if (process.getuid?.() === 0) process.seteuid?.(0)
    appendFileSync(path, 'more')
    if (process.getuid?.() === 0) process.seteuid?.(65_534)
    return loading
  }
}

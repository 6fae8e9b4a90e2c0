import { closeSync, cpSync, openSync, readFileSync, writeSync } from 'node:fs'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import folderImporter from '../../src/datasets/folder/importer'
import { diskPath } from '../../src/engine/files/disk-path'
import { importDataset } from '../../src/service/import-job'
import { openImportPlace } from '../../src/service/import-place'
import { datasetContent } from '../../src/service/project-content'
import { contentIdOf, datasetSubjects } from '../../src/service/run-subjects'
import { temporaryFolder } from '../engine/temporary-folder'
import { newProject } from '../store/support'
import { fixtures } from '../support/project-program'

const picture = readFileSync(join(fixtures, 'formats/images/none.png'))

/** A file whose name has the byte 0xff, which no UTF-8 has; null where the disk refuses such names. */
function writeOdd(folder: string, name: string): Buffer | null {
  const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')])
  try {
    const file = openSync(path, 'wx')
    writeSync(file, picture)
    closeSync(file)
    return path
  } catch {
    return null
  }
}

test('pictures whose names are not UTF-8 are found again, for runs and for exports', async (context) => {
  const folder = join(temporaryFolder(), 'set')
  mkdirSync(folder)
  const odd = writeOdd(folder, 'b\xff.png')
  if (odd === null) return void context.skip('this disk takes names of UTF-8 only')
  cpSync(join(fixtures, 'formats/images/none.png'), join(folder, 'a.png'))
  await using project = await newProject()
  const place = await openImportPlace(folder, project.folder)
  const params = folderImporter.params.parse({})
  const { report } = await importDataset(project, place, {
    name: 'odd',
    importer: folderImporter,
    params,
  })
  place.source.close()
  expect(report.groups().map(({ code }) => code)).toContain('W_NAME_NOT_UTF8')
  const dataset = project.datasets.byName('odd')
  const subjects = [...datasetSubjects(project, dataset)]
  expect(subjects.map(({ file }) => file)).toEqual(['a.png', 'b\ufffd.png'])
  expect(subjects.map(({ item }) => item.source)).toEqual([join(folder, 'a.png'), odd])
  // Read from the disk, not remembered.
  for (const subject of subjects)
    expect(contentIdOf({ ...subject, contentId: null })).toHaveLength(64)
  expect(datasetContent(project, dataset).locate({ file: 'b\ufffd.png' })).toEqual(odd)
})

test('a name that two files could have stands for none of them', () => {
  const folder = temporaryFolder()
  const first = writeOdd(folder, 'c\xff.png')
  const second = writeOdd(folder, 'c\xfe.png')
  const path = join(folder, 'c\ufffd.png')
  if (first !== null && second !== null) expect(diskPath(path)).toBe(path)
  expect(diskPath(join(folder, 'plain.png'))).toBe(join(folder, 'plain.png'))
})

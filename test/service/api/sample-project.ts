import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openService, withSample } from './open-service'

/**
 * Copies a project with the drawn scenes and both runs over them to `folder`. Whichever file of tests comes first makes
 * it, for all; its pictures stay where they were drawn, so that nothing may change them.
 */
export async function copySampleProject(folder: string): Promise<void> {
  const shared = process.env['PATCHWARDEN_TESTS']
  if (shared === undefined) throw new Error('test/support/tests-folder.ts has not run')
  const pointer = join(shared, 'sample-project')
  if (!existsSync(pointer)) {
    const made = mkdtempSync(join(shared, 'sample-'))
    const service = await openService(made)
    await withSample(service)
    await service.close()
    // Two files may come first at once: each sees a whole pointer to a whole project.
    writeFileSync(join(made, 'pointer'), join(made, 'project'))
    renameSync(join(made, 'pointer'), pointer)
  }
  cpSync(readFileSync(pointer, 'utf8'), folder, { recursive: true })
}

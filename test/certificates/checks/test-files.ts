import { loadWith } from '../mutation/load-source'
import type { TestModule } from '../mutation/collect-tests'
import type { Check, Load } from './check'

/** The tests of files, named from `test` on, as checks: each mutant is loaded together with them. */
export const testFileChecks = (...files: readonly string[]): readonly Check[] =>
  files.flatMap((file) => {
    const module = `../../test/${file}.test`
    const testsOf = (load: Load) => load<TestModule>(module).tests ?? []
    return testsOf(loadWith()).map(({ name }, at) => ({
      name: `${file}: ${name}`,
      loads: [module],
      run: (load: Load) => {
        testsOf(load)[at]?.run()
      },
    }))
  })

import { expect } from 'vitest'

export interface CollectedTest {
  readonly name: string
  readonly run: () => void
}

/** What a module of tests exports once it was loaded with `collectTests`. */
export interface TestModule {
  readonly tests?: readonly CollectedTest[]
}

type Body = (...values: readonly unknown[]) => unknown

/** In place of `vitest`: tests of a file are put into its `exports` as functions to be called, and not run. */
export function collectTests(exports: Record<string, unknown>) {
  const tests: CollectedTest[] = []
  const test = (name: string, body: Body): void => {
    exports['tests'] = tests
    tests.push({
      name,
      run: () => {
        if (body() instanceof Promise) throw new TypeError(`${name}: only tests that do not wait`)
      },
    })
  }
  const each =
    (run: (name: string, body: Body) => void) =>
    (rows: readonly unknown[]) =>
    (name: string, body: Body): void => {
      for (const row of rows) {
        const values: readonly unknown[] = Array.isArray(row) ? row : [row]
        run(name, () => body(...values))
      }
    }
  const describe = (_: string, body: Body): void => {
    body()
  }
  return {
    expect,
    test: Object.assign(test, { each: each(test) }),
    describe: Object.assign(describe, { each: each(describe) }),
  }
}
